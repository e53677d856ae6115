"""python3 bench/plot --networks N.json... --layers L.json... --docs docs"""
import argparse
import json
import os

import crossover
import networks
import peak_share
import table


def read(paths):
    rows = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            rows += json.load(file)
    return rows


def main():
    parser = argparse.ArgumentParser(prog="bench/plot", description=__doc__)
    parser.add_argument("--networks", nargs="+", default=[], help="JSON of bench_networks")
    parser.add_argument("--layers", nargs="+", default=[], help="JSON of bench_layers")
    parser.add_argument("--detail", default="resnet50", help="the network shown layer by layer")
    parser.add_argument("--docs", default="docs", help="folder of results.md and the pictures")
    arguments = parser.parse_args()
    inside = lambda name: os.path.join(arguments.docs, name)
    rows = read(arguments.networks)
    if rows:
        networks.draw(rows, inside("networks.svg"))
        peak_share.draw(rows, arguments.detail, inside("peak_share.svg"))
        table.write(rows, inside("results.md"))
    rows = read(arguments.layers)
    if rows:
        crossover.draw(rows, inside("crossover.svg"))


main()
