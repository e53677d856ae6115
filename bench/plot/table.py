"""The table of whole networks, between two marks in a Markdown file."""
from networks import bits_of, sorted_bits
from svg import unique

BEGIN, END = "<!-- speed: begin -->", "<!-- speed: end -->"


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def rows_of(rows, bits):
    for isa in unique(row["isa"] for row in rows):
        for network in unique(row["network"] for row in rows):
            own = {bits_of(row): row for row in rows
                   if row["isa"] == isa and row["network"] == network}
            if not own:
                continue
            any_row = next(iter(own.values()))
            cells = [f"{number(own[b]['ratio_int8'])} ({number(own[b]['ms'])} ms)" if b in own
                     else "" for b in bits]
            yield [network, isa, number(any_row["onednn_int8_ms"]),
                   number(any_row["onednn_f32_ms"])] + cells


def cold_rows(rows):
    for row in rows:
        for layer in row.get("cold", {}).get("fully_connected", []):
            shape = layer["shape"]
            yield [row["network"], bits_of(row), f"{shape['inputs']}-{shape['outputs']}",
                   layer["bits"], layer["kernel"], number(layer["ms"], 3),
                   number(layer["onednn_int8_ms"], 3), number(layer["onednn_f32_ms"], 3)]


def markdown(header, rows):
    lines = [header, ["---"] * len(header)] + list(rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write(rows, path):
    bits = sorted_bits(rows)
    text = ("Times oneDNN int8 (our time); medians of pairs in one run, one thread, batch 1.\n\n" +
            markdown(["network", "ISA", "oneDNN int8, ms", "f32, ms"] + bits, rows_of(rows, bits)))
    cold = list(cold_rows(rows))
    if cold:
        text += ("\n\nFully connected layers with cold weights, ms:\n\n" +
                 markdown(["network", "bits", "layer", "its bits", "kernel", "ours", "int8", "f32"],
                          cold))
    with open(path, encoding="utf-8") as file:
        page = file.read()
    if BEGIN not in page:
        page += f"\n## Speed\n\n{BEGIN}\n{END}\n"
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n{text}\n{END}{after}")
