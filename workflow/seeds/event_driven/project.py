"""What the functions of seed 002 share: the bus, and the bucket, which is a folder here (BUCKET)."""

import json
import os
import pathlib

import boto3

bus = boto3.client("events")
bucket = pathlib.Path(os.environ["BUCKET"])


def put_event(detail_type, detail):
    bus.put_events(
        Entries=[{"Source": "project", "DetailType": detail_type, "EventBusName": "default", "Detail": json.dumps(detail)}]
    )


def finish(event, **result):
    """Says that the task whose token came with the event is done."""
    put_event("done", {"TaskToken": event["detail"]["TaskToken"], **result})


def place_of(execution, name):
    """Where an object lies. An ARN is a folder of its own, as it is a prefix in a bucket."""
    return str(bucket / execution / name)


def write(execution, name, content):
    place = pathlib.Path(place_of(execution, name))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(content, indent=2))
    return str(place)


def read(place):
    return json.loads(pathlib.Path(place).read_text())
