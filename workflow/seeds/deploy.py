"""Sets up one of the systems: its tables, functions, state machines and rules, as system.json in its folder says.

    python deploy.py <folder> <address of the functions>

The account is the one that the usual variables name, AWS_ENDPOINT_URL among them.
"""

import json
import pathlib
import sys

import boto3

ROLE = "arn:aws:iam::000000000000:role/seeds"


def deploy(folder, address):
    system = json.loads((folder / "system.json").read_text())
    tables, bus = boto3.client("dynamodb"), boto3.client("events")
    for table in system.get("tables", []):
        tables.create_table(**table)
        tables.get_waiter("table_exists").wait(TableName=table["TableName"])
    for table, items in system.get("items", {}).items():
        for item in items:
            tables.put_item(TableName=table, Item=item)
    for name in system.get("buses", []):
        bus.create_event_bus(Name=name)

    functions, lambdas = {}, boto3.client("lambda")
    for name in system["functions"]:
        functions[name] = lambdas.create_function(
            FunctionName=name,
            Role=ROLE,
            PackageType="Image",
            Code={"ImageUri": "not-run-here"},
            Timeout=60,
            Environment={"Variables": {"FUNCTION_ADDRESS": address}},
        )["FunctionArn"]
    machines, workflows = {}, boto3.client("stepfunctions")
    for name, file in system["machines"].items():
        definition = (folder / file).read_text()
        machine = workflows.create_state_machine(name=name, definition=definition, roleArn=ROLE)
        machines[name] = machine["stateMachineArn"]
    for rule in system["rules"]:
        deploy_rule(bus, rule, functions, machines)


def deploy_rule(bus, rule, functions, machines):
    where = {"EventBusName": rule.get("bus", "default")}
    bus.put_rule(Name=rule["name"], EventPattern=json.dumps(rule["pattern"]), **where)
    target = {"Id": "1"}
    if "machine" in rule:
        target |= {"Arn": machines[rule["machine"]], "RoleArn": ROLE}
    elif "function" in rule:
        target |= {"Arn": functions[rule["function"]]}
    else:
        target |= {"Arn": f"arn:aws:logs:us-east-1:000000000000:log-group:{rule['logGroup']}"}
        logs = boto3.client("logs")
        logs.create_log_group(logGroupName=rule["logGroup"])
    if "retry" in rule:
        target["RetryPolicy"] = rule["retry"]
    answer = bus.put_targets(Rule=rule["name"], Targets=[target], **where)
    if answer["FailedEntryCount"]:
        sys.exit(f"the rule {rule['name']} did not take its target: {answer['FailedEntries']}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    deploy(pathlib.Path(sys.argv[1]), sys.argv[2])
