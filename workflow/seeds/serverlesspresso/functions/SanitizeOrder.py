"""Whether what the customer wants is on the menu. It is asked with the whole state of the OrderManager."""

from boto3.dynamodb.types import TypeDeserializer


def handler(event, context):
    menu = TypeDeserializer().deserialize({"M": event["menu"]["Item"]})["value"]
    order = event["body"]
    drink = next((drink for drink in menu if drink["drink"] == order.get("drink")), None)
    if drink is None:
        return False
    offered = {option for group in drink.get("modifiers", []) for option in group["Options"]}
    return all(modifier in offered for modifier in order.get("modifiers", []))
