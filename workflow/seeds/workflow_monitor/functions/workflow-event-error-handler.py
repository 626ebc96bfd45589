"""Something outside has gone wrong: fails the monitoring task, and with it the workflow."""

import boto3

table = boto3.resource("dynamodb").Table("workflowMonitoringTable")
workflows = boto3.client("stepfunctions")


def handler(event, context):
    key = {"workflowkey": event["detail"]["workflowkey"]}
    item = table.get_item(Key=key).get("Item")
    if item is None:
        print(f"there is no workflow with the key {key['workflowkey']}")
        return
    # The quotes are part of the texts, as in the original.
    workflows.send_task_failure(taskToken=item["tasktoken"], error='"Some error."', cause='"Error detected."')
    table.delete_item(Key=key)
