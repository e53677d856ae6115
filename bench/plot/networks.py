"""Whole networks: how many times faster than oneDNN's int8, by bits; one panel an ISA."""
from svg import Canvas, axis, colours_of, unique

WIDTH, PANEL, LEFT, BAR = 1060, 260, 50, 9


ORDER = ["(8,8)", "(4,6)", "(4,4)", "(2,4)", "(3L,4)", "(2,2)"]


def bits_of(row):
    return f"({row['weights']},{row['activations']})" if row["weights"] else "file"


def sorted_bits(rows):
    """All that occur, widest first; unknown ones last."""
    found = unique(bits_of(row) for row in rows)
    return [bits for bits in ORDER if bits in found] + [bits for bits in found if bits not in ORDER]


def draw(rows, path):
    rows = [row for row in rows if row["ratio_int8"]]
    isas, bits = unique(row["isa"] for row in rows), sorted_bits(rows)
    colours = colours_of(bits)
    canvas = Canvas(WIDTH, 40 + PANEL * len(isas))
    canvas.text(LEFT, 18, "Speed beside oneDNN int8 in the same run (one thread, batch 1)", 13)
    canvas.legend(LEFT + 500, 18, bits, colours)
    for number, isa in enumerate(isas):
        draw_panel(canvas, [row for row in rows if row["isa"] == isa], isa, 40 + PANEL * number,
                   bits, colours)
    canvas.save(path)


def draw_panel(canvas, rows, isa, top, bits, colours):
    networks = unique(row["network"] for row in rows)
    most = max(1.5, max(row["ratio_int8"] for row in rows)) * 1.05
    height = axis(canvas, LEFT, WIDTH - 10, top + 16, top + PANEL - 40, most, 0.5)
    canvas.text(LEFT, top + 10, f"{isa}, oneDNN {rows[0]['onednn_isa']}")
    group = (WIDTH - 10 - LEFT) / len(networks)
    for n, network in enumerate(networks):
        own = [row for row in rows if row["network"] == network]
        start = LEFT + group * n + (group - BAR * len(own)) / 2
        for i, row in enumerate(sorted(own, key=lambda row: bits.index(bits_of(row)))):
            ratio = row["ratio_int8"]
            canvas.rectangle(start + BAR * i, height(ratio), BAR - 1, height(0) - height(ratio),
                             colours[bits_of(row)], f"{network} {bits_of(row)}: {ratio:.2f}")
        canvas.text(LEFT + group * (n + 0.5), top + PANEL - 24, network, anchor="middle")
    canvas.line(LEFT, height(1), WIDTH - 10, height(1), "#222222", "4 3")
