"""Writes what is known of one person to the bucket, and hands the place on with the token that it came with."""

import random

from project import put_event, write


def handler(event, context):
    detail = event["detail"]
    profile = {"company": random.choice(["Crema Ltd", "Arabica & Sons"]), "city": random.choice(["Trieste", "Addis Ababa"])}
    place = write(detail["execution"], f"basic-{detail['name']}.json", profile)
    put_event("getUserCookies", {**detail, "profile": place})
