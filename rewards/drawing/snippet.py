"""The few lines with which anybody checks a draw: they need Python and the document, no more."""

from __future__ import annotations

SNIPPET = """\
import hashlib, json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
sha, s, hat, found, i = lambda b: hashlib.sha256(b).digest(), d["settings"], d["entries"], [], 0
once, src = s["wins_once"], json.dumps(d["public_source"], ensure_ascii=False)
text = [d["format"], f"draw {d['draw']}", f"commitment {d['commitment']}", f"public source {src}"]
text += [f"prize {p['reward']} {p['count']}" for p in s["prizes"]]
text += [f"alternates {s['alternates']}", "once yes" if once else "once no"]
text += [f"{a}-{b} {who} {why}" for a, b, who, why in hat]
seed, digest = bytes.fromhex(d["seed"]), sha("".join(line + "\\n" for line in text).encode())
ok = digest.hex() == d["entries_digest"] and sha(seed).hex() == d["commitment"]
root, gone = seed + digest + sha(d["public_text"].encode()), dict(d["left_out_since"])
places = [p["reward"] for p in s["prizes"] for _ in range(p["count"])] + [""] * s["alternates"]
while hat and places:
    tickets = [(n, *row) for row in hat for n in range(row[0], row[1] + 1)]
    x, i = int.from_bytes(sha(root + i.to_bytes(8, "big")), "big"), i + 1
    if x < 2**256 // len(tickets) * len(tickets):
        n, a, b, who, why = tickets[x % len(tickets)]
        out = gone.get(a) or why.removeprefix("in")
        found.append([n, who, out, "" if out else places.pop(0)])
        rest = [[a, n - 1, who, why]] * (a < n) + [[n + 1, b, who, why]] * (n < b)
        hat += [] if out or once else rest
        hat = sorted(r for r in hat if not r[0] <= n <= r[1] and (out or not once or r[2] != who))
told = [[r["number"], r["pseudonym"], r["reason"], r["prize"]] for r in d["results"]]
print("This draw is in order." if ok and found == told else "Something is wrong with this draw.")
"""
