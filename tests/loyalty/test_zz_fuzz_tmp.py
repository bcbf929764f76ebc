import json, pytest
from hypothesis import settings, HealthCheck, given
from django.test import Client
from tests.shops import open_shop
from hypothesis import strategies as st
import uuid, collections, itertools
NAMES = {"/api/v1/members/": ["phone","email","name","birthday","language","store","card","consents","attributes"],
 "/api/v1/members/find/": ["phone","card","email"], "/api/v1/members/{member_id}/": ["phone","email","name","birthday","language","store","attributes"],
 "/api/v1/adjustments/": ["member","program","points","reason"]}
cnt = itertools.count(7400100000)
@pytest.mark.parametrize("path,method", [("/api/v1/members/","post"),("/api/v1/members/find/","post"),("/api/v1/members/{member_id}/","patch"),("/api/v1/adjustments/","post")])
def test_fuzz(path, method, db):
    shop = open_shop(); m = shop.member()
    key = shop.api_key()
    c = Client(raise_request_exception=False)
    seen = collections.Counter()
    junk = st.recursive(st.none()|st.booleans()|st.integers()|st.floats()|st.text(), lambda x: st.lists(x, max_size=3)|st.dictionaries(st.text(max_size=5)|st.sampled_from(["a","b_1"]), x, max_size=3), max_leaves=5)
    S = st.sampled_from
    good = {"phone": S(["+447400123456", "07400 123456"]) | st.builds(lambda: f"+44{next(cnt)}"), "email": S(["a@b.co","é@例え.jp"])|st.emails(), "name": st.text(max_size=20), "birthday": S(["--02-29","1990-01-01","2000-13-01","0000-01-01"]), "language": st.text(max_size=3)|S(["en","fa-IR"]), "store": S(["1","2"]), "card": S(["2900000000001"]), "consents": st.lists(st.fixed_dictionaries({"channel": S(["sms","any"]), "purpose": S(["terms"]), "text_version": st.text(max_size=5)}), max_size=3), "attributes": st.dictionaries(S(["a","b"]), st.none()|st.integers()|st.floats()|st.text()|st.booleans(), max_size=3), "member": S([str(m.public_id), "+447400123456"]), "program": S(["club"]), "points": st.integers(-20000, 20000), "reason": st.text(max_size=10)}
    fields = {n: (good[n] | good[n] | good[n] | junk) for n in NAMES[path]}
    bodies = st.fixed_dictionaries({}, optional=fields)
    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(bodies)
    def run(body):
        try: text = json.dumps(body)
        except Exception: return
        r = c.generic(method.upper(), path.replace("{member_id}", str(m.public_id)), text, content_type="application/json", headers={"Authorization": f"Bearer {key}", "Idempotency-Key": uuid.uuid4().hex})
        code = r.json().get("code","") if r.status_code >= 400 else ""
        seen[r.status_code, code] += 1
        assert r.status_code < 500, (text, r.content)
    run()
    print(path, method, seen)
