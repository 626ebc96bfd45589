"""Adds to the profile how many cookies that person has had; this ends the task of the person."""

import random

from project import finish, read, write


def handler(event, context):
    detail = event["detail"]
    profile = {**read(detail["profile"]), "numberOfCookiesConsumed": random.randrange(10)}
    write(detail["execution"], f"{detail['name']}.json", profile)
    finish(event, name=detail["name"])
