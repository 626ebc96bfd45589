"""Does something that nobody waits for."""

from project import put_event, read


def handler(event, context):
    detail = event["detail"]
    put_event("async.done", {"name": detail["name"], "execution": detail["execution"], "city": read(detail["profile"])["city"]})
