"""Adds up the cookies of all into one report; this ends the last task."""

from project import finish, place_of, read, write


def handler(event, context):
    detail = event["detail"]
    names, execution = detail["names"], detail["execution"]
    total = sum(read(place_of(execution, f"{name}.json"))["numberOfCookiesConsumed"] for name in names)
    report = {"names": names, "numberOfPeople": len(names), "totalCookiesConsumed": total}
    write(execution, "0-cookies.json", report)
    finish(event, totalCookiesConsumed=total)
