"""One network layer by layer: multiply-adds a second as a share of the measured instruction peak.
Above 1: Winograd and tables do several multiply-adds in one."""
from networks import bits_of, sorted_bits
from svg import Canvas, axis, colours_of, unique

WIDTH, PANEL, LEFT = 1060, 230, 50


def family(kernel):
    return kernel.split("_avx")[0].split("_scalar")[0]


def share(row, layer):
    return layer["macs"] / (layer["ms"] * 1e-3) / row["peak_macs_per_second"]


def draw(rows, network, path):
    rows = [row for row in rows if row["network"] == network and row["peak_macs_per_second"]]
    order = sorted_bits(rows)
    rows.sort(key=lambda row: order.index(bits_of(row)))
    layers = {id(row): [l for l in row["layers"] if l["macs"] and l["ms"]] for row in rows}
    colours = colours_of(sorted(unique(family(l["kernel"]) for row in rows for l in layers[id(row)])))
    canvas = Canvas(WIDTH, 40 + PANEL * len(rows))
    canvas.text(LEFT, 18, f"{network}: share of the instruction peak, layer by layer", 13)
    canvas.legend(LEFT + 380, 18, colours, colours)
    for number, row in enumerate(rows):
        draw_panel(canvas, row, layers[id(row)], 40 + PANEL * number, colours)
    canvas.save(path)


def draw_panel(canvas, row, layers, top, colours):
    most = max(1.2, max(share(row, layer) for layer in layers) * 1.05)
    height = axis(canvas, LEFT, WIDTH - 10, top + 16, top + PANEL - 20, most, 0.25)
    canvas.text(LEFT, top + 10, f"{bits_of(row)} {row['isa']}, grey: oneDNN int8")
    canvas.line(LEFT, height(1), WIDTH - 10, height(1), "#222222", "4 3")
    step = (WIDTH - 20 - LEFT) / len(layers)
    for i, layer in enumerate(layers):
        x = LEFT + step * (i + 0.5)
        if layer["onednn_int8_ms"]:
            theirs = share(row, {"macs": layer["macs"], "ms": layer["onednn_int8_ms"]})
            canvas.rectangle(x - 4, height(theirs) - 1, 8, 2, "#888888")
        canvas.dot(x, height(share(row, layer)), 4, colours[family(layer["kernel"])],
                   f"{layer['name']} {layer['bits']} {layer['kernel']}: {share(row, layer):.2f}")
