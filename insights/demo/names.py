"""Names that people in a town of many origins have, by the script they are written in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Community:
    """People who share a stock of names; ``share`` of every hundred members are among them."""

    share: int
    language: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    family_first: bool = False


def _community(share: int, language: str, given: str, family: str) -> Community:
    return Community(share, language, tuple(given.split()), tuple(family.split()))


COMMUNITIES = (
    _community(
        48,
        "en",
        "Amelia Oliver Isla George Freya Harry Poppy Jack Evie Arthur Grace Leo Rosie Noah Alice"
        " Theo Maisie Edward Martha Samuel Harriet Thomas Beatrice Callum Megan Rhys Niamh Declan"
        " Eilidh Fergus Joan Derek Susan Keith Maureen Alan Patricia Graham Linda Trevor",
        "Whitlock Ashworth Barnes Carter Dawson Ellis Fletcher Gibson Harding Ingram Jennings"
        " Kirby Lawson Marsh Norris Osborne Pritchard Quinn Radcliffe Shepherd Thornton Underhill"
        " Vaughan Wainwright Yates Appleby Bradshaw Crowther Dunne Entwistle MacLeod O’Connor",
    ),
    _community(
        12,
        "en",
        "Priya Arjun Meera Rohan Anjali Vikram Aisha Imran Zara Bilal Nadia Hassan Simran Harpreet"
        " Kavita Sanjay Farah Omar",
        "Patel Sharma Khan Ahmed Singh Kaur Hussain Begum Mehta Iyer Chaudhry Malik Desai Reddy",
    ),
    _community(
        7,
        "en",
        "Adaeze Chidi Folake Kwame Ama Tunde Ngozi Kofi Yewande Emeka Abena Segun",
        "Okafor Mensah Adeyemi Boateng Eze Owusu Balogun Asante Nwosu Danso",
    ),
    _community(
        7,
        "en",
        "Agnieszka Piotr Katarzyna Tomasz Magdalena Marcin Zofia Łukasz Ewa Paweł",
        "Nowak Wójcik Zieliński Kamińska Lewandowski Szymańska Dąbrowski Mazur Krawczyk",
    ),
    _community(
        6,
        "fi",
        "Aino Eero Helmi Onni Kaisa Väinö Saara Mikko Päivi Jukka",
        "Korhonen Virtanen Mäkinen Nieminen Hämäläinen Laine Heikkinen Järvinen",
    ),
    _community(
        6,
        "fa",
        "مینا آرش شیرین کاوه نسرین بهرام پریسا داریوش لیلا سیامک ژاله فرهاد",
        "کریمی رستمی احمدی تهرانی نوری صادقی جعفری یزدانی کاظمی",
    ),
    _community(
        4,
        "hy",
        "Անի Արամ Նարե Տիգրան Լուսինե Հայկ Սոնա Գևորգ Մարիամ Դավիթ",
        "Պետրոսյան Հակոբյան Գրիգորյան Սարգսյան Մանուկյան Ավետիսյան Կարապետյան",
    ),
    _community(
        4,
        "am",
        "ሰላም ዳዊት ሕይወት ዮናስ ማርታ ቴዎድሮስ ሄለን አበበ ሳራ ብርሃኑ",
        "ተስፋዬ ገብሬ አለሙ ወልዴ ከበደ መኮንን ታደሰ",
    ),
    Community(
        6,
        "vi",
        ("Minh Anh", "Quang Huy", "Thu Hà", "Đức Long", "Ngọc Lan", "Văn Hùng", "Thị Mai", "Bảo"),
        ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi"),
        family_first=True,
    ),
)
