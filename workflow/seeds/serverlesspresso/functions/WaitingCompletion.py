"""Seed 003: keeps the second task token and the number of an order, then tells the bar without the token."""

import json
import time

import boto3

orders = boto3.resource("dynamodb").Table("serverlesspresso-order-table")
bus = boto3.client("events")


def handler(event, context):
    detail = event["detail"]
    item = orders.update_item(
        Key={"PK": "orders", "SK": detail["orderId"]},
        UpdateExpression="set TS = :TS, TaskToken = :TaskToken, orderNumber = :orderNumber",
        ConditionExpression="#userId = :userId",
        ExpressionAttributeNames={"#userId": "USERID"},
        ExpressionAttributeValues={
            ":TS": time.time_ns() // 1_000_000,
            ":TaskToken": detail["TaskToken"],
            ":orderNumber": detail["orderNumber"],
            ":userId": detail["userId"],
        },
        ReturnValues="ALL_NEW",
    )["Attributes"]
    # An order that was resumed by hand has no drink: that is said, and is no reason to lose it.
    drink = json.loads(item["drinkOrder"]) if "drinkOrder" in item else None
    told = {
        "Message": "The bar has an order to make.",
        "orderId": item["SK"],
        "orderNumber": item["orderNumber"],
        "state": item["ORDERSTATE"],
        "drinkOrder": drink,
        "userId": item["USERID"],
        "robot": item["robot"],
        "TS": int(item["TS"]),
    }
    bus.put_events(
        Entries=[
            {
                "Source": "awsserverlessda.serverlesspresso",
                "DetailType": "OrderManager.WaitingCompletion",
                "EventBusName": "Serverlesspresso",
                "Detail": json.dumps(told),
            }
        ]
    )
