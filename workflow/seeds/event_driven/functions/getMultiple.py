"""Gives the names to look at. FIXED_NAMES, when set, says how many; otherwise it is any number below twenty."""

import os
import random

from project import finish

FIRST = ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Radia", "Tony", "Margaret", "Leslie", "Frances"]
LAST = ["Bean", "Roast", "Crema", "Grinder", "Moka", "Filter", "Lungo", "Ristretto", "Macchiato", "Cortado"]


def handler(event, context):
    count = int(os.environ.get("FIXED_NAMES", random.randrange(20)))
    pairs = random.sample([(first, last) for first in FIRST for last in LAST], count)
    finish(event, names=[f"{first} {last}" for first, last in pairs])
