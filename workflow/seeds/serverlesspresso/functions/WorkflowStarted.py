"""Seed 000: keeps the first task token of an order, together with whose order it is."""

import time

import boto3

orders = boto3.resource("dynamodb").Table("serverlesspresso-order-table")


def handler(event, context):
    detail = event["detail"]
    orders.put_item(
        Item={
            "PK": "orders",
            "SK": detail["orderId"],
            "USERID": detail["userId"],
            "ORDERSTATE": "CREATED",
            "TaskToken": detail["TaskToken"],
            "robot": bool(detail.get("robot", False)),
            "TS": time.time_ns() // 1_000_000,
        }
    )
