"""Write ctc_golden.json with pyctcdecode: ``python tests/kinds/make_ctc_golden.py``.

It needs pyctcdecode 0.5.0, without a language model. Its numpy is older than that of netencoders,
so it runs in an environment of its own.
"""

import json
import random
from pathlib import Path

import numpy as np
from pyctcdecode import build_ctcdecoder

TOTAL = 1024
# Few frames, and a beam for all sequences: nothing is pruned. Many frames of large probabilities,
# as a trained net gives them: both keep the same sequences in a beam of the default size.
KINDS = {
    "whole": {"labels": "abc", "frames": 6, "beam": 20_000, "power": 2},
    "peaked": {"labels": "abcdefghijkl", "frames": 80, "beam": 100, "power": 60},
}


def shares(source, size, power):
    """Return integers of the sum TOTAL, one for each label and for the blank, which is last."""
    weights = [source.random() ** power for _ in range(size)]
    counts = [1 + int(weight / sum(weights) * (TOTAL - size - 1)) for weight in weights]
    counts[counts.index(max(counts))] += TOTAL - sum(counts)
    return counts


def case(seed, labels, frames, beam, power):
    """Return the counts of one case, and the best decodings of pyctcdecode."""
    source = random.Random(seed)
    counts = [shares(source, len(labels) + 1, power) for _ in range(frames)]
    found = build_ctcdecoder([*labels, ""]).decode_beams(
        np.log(np.array(counts) / TOTAL),
        beam_width=beam,
        beam_prune_logp=-1000,
        token_min_logp=-1000,
    )
    best = [[each[0], float(each[-2])] for each in found[:3]]
    return {"labels": labels, "beam": beam, "counts": counts, "best": best}


if __name__ == "__main__":
    golden = {
        kind: [case(seed, **parameters) for seed in range(8)] for kind, parameters in KINDS.items()
    }
    golden["total"] = TOTAL
    Path(__file__).with_name("ctc_golden.json").write_text(json.dumps(golden) + "\n", "utf-8")
