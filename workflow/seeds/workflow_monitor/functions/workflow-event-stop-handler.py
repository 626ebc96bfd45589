"""The workflow says that its work is done: ends the monitoring task, and the task that said so."""

import boto3

table = boto3.resource("dynamodb").Table("workflowMonitoringTable")
workflows = boto3.client("stepfunctions")
ENDED = '"Monitoring task stopped successfully."'


def handler(event, context):
    detail = event["detail"]
    key = {"workflowkey": detail["workflowkey"]}
    item = table.get_item(Key=key).get("Item")
    if item is None:
        print(f"there is no workflow with the key {detail['workflowkey']}")
        return
    workflows.send_task_success(taskToken=item["tasktoken"], output=ENDED)
    workflows.send_task_success(taskToken=detail["tasktoken"], output=ENDED)
    table.delete_item(Key=key)
