"""Which kernel family is fastest for which layer, bits and ISA; in the cell how many times faster
than oneDNN's int8."""
from svg import Canvas, colours_of, unique

LEFT, CELL_WIDTH, CELL_HEIGHT, TOP = 130, 84, 20, 70


def winner(row):
    families = row.get("families", {})
    return min(families, key=lambda name: families[name]["ms"]) if families else row["kernel"]


def speed(row):
    best = min([row["ms"]] + [family["ms"] for family in row.get("families", {}).values()])
    return row["theirs"]["onednn_int8"]["ms"] / best


def draw(rows, path):
    layers, columns = unique(row["layer"] for row in rows), unique((row["isa"], row["bits"])
                                                                   for row in rows)
    colours = colours_of(sorted(unique(winner(row) for row in rows)))
    width = max(400, LEFT + CELL_WIDTH * len(columns) + 10)
    canvas = Canvas(width, TOP + CELL_HEIGHT * len(layers) + 10)
    canvas.text(10, 18, "Fastest kernel, and its speed beside oneDNN int8", 13)
    canvas.legend(10, 38, colours, colours)
    for c, (isa, bits) in enumerate(columns):
        x = LEFT + CELL_WIDTH * (c + 0.5)
        canvas.text(x, TOP - 16, isa, 9, "middle")
        canvas.text(x, TOP - 4, f"({bits})", 10, "middle")
    for r, layer in enumerate(layers):
        canvas.text(LEFT - 6, TOP + CELL_HEIGHT * r + 14, layer, anchor="end")
    for row in rows:
        x = LEFT + CELL_WIDTH * columns.index((row["isa"], row["bits"]))
        y = TOP + CELL_HEIGHT * layers.index(row["layer"])
        canvas.rectangle(x, y, CELL_WIDTH - 2, CELL_HEIGHT - 2, colours[winner(row)],
                         f"{row['layer']} ({row['bits']}) {row['isa']}: {winner(row)}")
        canvas.text(x + CELL_WIDTH / 2, y + 14, f"{speed(row):.2f}", anchor="middle",
                    fill="#ffffff")
    canvas.save(path)
