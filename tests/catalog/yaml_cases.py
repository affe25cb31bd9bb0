"""Texts to read twice: by our reader and by the YAML package that Backstage uses."""

from __future__ import annotations

SCALARS = """
yes Yes YES no No NO on On off OFF y n true True TRUE tRue false False null Null NULL nUll ~
0 -0 +0 1 -1 +1 12 012 -012 00 08 0o17 0O17 0x1F 0X1F -0x1F 0xg 0b11 1_000 1:30 12:30:45
9007199254740991 9007199254740993 -9007199254740993 123456789012345678901234567890
1.5 1.10 1.0 .5 5. -.5 +.5 . .. -. 1e3 1E3 1e+3 1e-3 1.e3 .5e1 1e 1e400 -1e400 1e-400 1.2.3
.inf -.inf +.INF .Inf .nan .NaN .NAN inf nan Infinity 2024-01-01 2024-01-01T00:00:00Z
<< = v1.0 a#b a:b :a a: -a --a ?a - ? a,b [] {} 'a' "a" 'it''s' "a\\tb" "\\u00e9" "\\x41" "\\U0001F600"
"\\q" "\\/" "\\e" "\\_" "\\N" "\\L" "\\0" '\\n' "a\\"b" '' "" !!str !!null @a `a %a &a *a |a >a !a
!!str&x 日本 é 😀 a\u00a0b \u00a0 a\u2028b a\u0085b \ufeffa \u200b a\x7fb $a \\a ~a
""".split(" ")
WORDS = [word for line in SCALARS for word in line.split("\n") if word]
TAGGED = [
    f"{tag} {value}"
    for tag in ("!!str", "!!int", "!!float", "!!bool", "!!null", "!", "!x", "!!binary")
    for value in ("5", "'5'", "no", "true", "1.5", "")
]
BODIES = ("x", "x\n  y", "x\n\n  y\n", "x\n   y\n", " x", "", "\n  x\n\n\n", "# x", "x #y")
BLOCKS = [
    f"a: {style}{mark}\n  {body}\nb: 1\n"
    for style in "|>"
    for mark in ("", "-", "+", "2", "1-", "+2", " # c")
    for body in BODIES
]
WHOLE = [
    "", "\n", "# c", "---", "--- a", "a", "a\nb", "a: 1\n", "a: 1\r\nb: 2\r\n", "a: 1\rb: 2\r",
    "\ufeffa: 1", "a: 1\n---\nb: 2", "a: 1\n...\nb: 2", "a: 1\n...\n---\nb", "---\n---\na",
    "%YAML 1.2\n---\na: no", "%YAML 1.1\n---\na: no", "%TAG ! tag:x,1:\n---\na: !y z",
    "a: &x 1\nb: *x", "a: &x [1]\nb: *x", "a: *x", "&a a: 1\nb: *a", "a: &x\nb: *x", "&a [*a]",
    "x: &x {a: 1}\ny:\n  <<: *x", "x: &x {a: 1}\ny: {<<: *x, b: 2}", "<<: {a: 1}",
    "a: 1\na: 2", "{a: 1, a: 2}", "a:\n  b: 1\n  b: 2", "1: a\n'1': b", "true: a\nnull: b\n1.0: c",
    "0x1F: a", "~: a", ": a", "{a, b: }", "[a, , b]", "[a,]", "{a: 1,}", "[a: 1]", "[a b: c]",
    "? a\n: b", "? a", "? [a]\n: b", "? {a: 1}\n: b", "? |\n  a\n: b", "- a\n- b", "-\n- ", "- - a\n  - b",
    "- a: 1\n  b: 2", "a:\n- b\n- c", "a:\n  - b\n c: d", "a:\n\tb: 1", "a:\tb", "a: b\t", "\ta: 1",
    "a: [\n1,\n2]", "a: [\n\t1]", "a: [1", "a: {b", "a: 'x", 'a: "x', "a: 'x\n  y'", 'a: "x\n  y"',
    'a: "x\\\n  y"', "a: x\n  y", "a: x\n\n  y", "a: x # c", "a: x# c", "a: b: c", "a: 'b': c", "a: 'b' c",
    "a: # c\n  b", "# c\na: 1\n# d\nb: 2", "a : 1", "'a' : 1", "\"a\": 1", "\"a\":1", "{\"a\":1}", "{a:1}",
    "a:\n  b:\n    c: 1\n d: 2", "a: |\n  x\n y", "a: >\n  x\n\n\n  y\n    z\n  w\n", "a: b\n...\n... \n",
    "a: |\n  ---\n  x\n---\nb", "a: @b", "a: `b", "a: %b", "%a: b", "a: -b", "a: - b", "a: ? b", "a: !!map {}",
    "a: !!seq []", "a: !!set {b}", "a: !!omap []", "a: !!map []", "a: !!str [b]", "a: \x00", "a: \x07", "a: \ud7ff",
    "a: &x &y b", "a: !!str !!int b", "a: &x *x", "key with spaces: v", "a" * 1100 + ": 1", "- [a, {b: [c]}]",
    "a: http://x.example/y?z#w", "[http://x.example]", "a: 'b'#c", "a:  b  ", "a: b\n \n", "--- |\n x\n", "--- # c\na: 1",
    "---\ta: 1", "--- a: 1", "---a: 1", "...", "... a", "a\n--- b\n--- c", "a: 1\n  # c\n  b: 2", "[a]\n[b]", "a\n- b",
    "__proto__: 1", "constructor: 1", "a: {b: {c: {d: e}}}", "? a\n? b", "- ? a\n  : b", "-a: 1", "a: [b, c]: d", "[[a, b]]: c",
]  # fmt: skip
CASES = list(
    dict.fromkeys(
        [
            *WHOLE,
            *(f"a: {word}\n" for word in WORDS),
            *(f"[{word}]\n" for word in WORDS),
            *(f"a: {value}\n" for value in TAGGED),
            *BLOCKS,
        ]
    )
)
