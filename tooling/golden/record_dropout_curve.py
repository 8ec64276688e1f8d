"""Takes out of training_curve.json the run with dropout, gradients accumulated and clipped: losses, labels, validations.

    python tooling/golden/record_dropout_curve.py .../parity/numerics/training_curve.json tooling/golden/numerics/dropout_curve.json

`limit[i]`: how far the loss of iteration i may be off, 1e-5 + 20 times the largest change up to i that one unit in the last place of the
initial weights made.
"""
import json
import sys
from itertools import accumulate

NAME = "dropout-clip-accumulate"
with open(sys.argv[1]) as file:
    golden = json.load(file)
run = next(run for run in golden["runs"] if run["name"] == NAME)
changes = golden["sensitivity"][NAME]["loss_abs_change_per_iter"]
with open(sys.argv[2], "w") as file:
    json.dump({
        "versions": golden["versions"],
        "model": golden["setup"]["model"],
        "data": golden["setup"]["formula"],
        "config": golden["setup"]["configs"][NAME],
        "labels": [step["labels"] for step in run["iters"]],
        "losses": [step["loss"] for step in run["iters"]],
        "limits": [1e-5 + 20 * largest for largest in accumulate(changes, max)],
        "accuracies": [val["metrics"]["val/accuracy"] for val in run["val"]],
    }, file)
    file.write("\n")
