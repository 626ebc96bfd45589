//! Functions with an HTTP address: Lambda's REST API, and calls from rules and workflows.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode},
    response::{IntoResponse, Response},
};
use engine::clock::ManualClock;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::common::{Cloud, Folder, MORNING, eventually};

/// A program that implements the invocation API and records its requests.
struct Program {
    address: String,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Program {
    /// Answers each invocation with `body`.
    async fn start(body: fn(&Value) -> Response) -> Self {
        let requests: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let received = Arc::clone(&requests);
        let router = Router::new().fallback(move |request: Request<Body>| async move {
            let path = request.uri().path().to_owned();
            let payload = to_bytes(request.into_body(), 1 << 24).await.unwrap();
            let payload: Value = serde_json::from_slice(&payload).unwrap();
            received.lock().unwrap().push((path, payload.clone()));
            body(&payload)
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        #[expect(clippy::disallowed_methods, reason = "it serves until the test's own runtime ends")]
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, requests }
    }

    fn requests(&self) -> Vec<(String, Value)> {
        self.requests.lock().unwrap().clone()
    }
}

fn answered(payload: Value) -> Response {
    payload.to_string().into_response()
}

fn failed(payload: Value) -> Response {
    let mut response = answered(payload);
    response.headers_mut().insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
    response
}

/// The response to a request of Lambda's REST API.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn error(&self) -> (u16, &str) {
        (self.status.as_u16(), self.headers["x-amzn-errortype"].to_str().unwrap())
    }
}

async fn call(cloud: &Cloud, method: Method, path: &str, body: Value) -> Answer {
    ask_as(cloud, method, path, body, "RequestResponse").await
}

async fn ask_as(cloud: &Cloud, method: Method, path: &str, body: Value, kind: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(format!("/2015-03-31/functions{path}"))
        .header("authorization", "AWS4-HMAC-SHA256 x")
        .header("x-amz-invocation-type", kind)
        .body(if body.is_null() { Body::empty() } else { Body::from(body.to_string()) })
        .unwrap();
    let response = cloud.engine.router().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap();
    Answer { status: head.status, headers: head.headers, body: serde_json::from_slice(&body).unwrap_or_default() }
}

fn at(name: &str, address: &str) -> Value {
    json!({ "FunctionName": name, "Role": "arn:aws:iam::000000000000:role/any", "PackageType": "Image",
        "Code": { "ImageUri": "none" }, "Timeout": 30, "Environment": { "Variables": { "FUNCTION_ADDRESS": address } } })
}

async fn create(cloud: &Cloud, name: &str, address: &str) -> String {
    let created = call(cloud, Method::POST, "", at(name, address)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    created.body["FunctionArn"].as_str().unwrap().to_owned()
}

/// The output of an execution with one task, or its error and cause.
async fn run(cloud: &Cloud, resource: &str, parameters: Value) -> Result<Value, (String, String)> {
    let task = if parameters.is_null() {
        json!({ "Type": "Task", "Resource": resource, "End": true })
    } else {
        json!({ "Type": "Task", "Resource": resource, "Parameters": parameters, "End": true })
    };
    let definition = json!({ "StartAt": "Task", "States": { "Task": task } }).to_string();
    let name = engine::clock::uuid(&engine::clock::SystemRng);
    let role = "arn:aws:iam::000000000000:role/any";
    let machine =
        cloud.sfn.create_state_machine().name(name).definition(definition).role_arn(role).send().await.unwrap();
    let started = cloud.sfn.start_execution().state_machine_arn(machine.state_machine_arn()).input(r#"{"n":1}"#);
    let arn = started.send().await.unwrap().execution_arn().to_owned();
    let ended = eventually("the execution to end", || async {
        let now = cloud.sfn.describe_execution().execution_arn(&arn).send().await.unwrap();
        now.stop_date().is_some().then_some(now)
    })
    .await;
    match ended.output() {
        Some(output) => Ok(serde_json::from_str(output).unwrap()),
        None => Err((ended.error().unwrap_or_default().to_owned(), ended.cause().unwrap_or_default().to_owned())),
    }
}

#[tokio::test]
async fn a_function_is_created_shown_listed_changed_and_deleted() {
    let cloud = Cloud::in_memory();
    let arn = create(&cloud, "f", "http://127.0.0.1:1").await;
    assert_eq!(arn, "arn:aws:lambda:us-east-1:000000000000:function:f");
    let again = call(&cloud, Method::POST, "", at("f", "http://127.0.0.1:1")).await;
    assert_eq!(again.error(), (409, "ResourceConflictException"));
    assert_eq!(again.body, json!({ "Type": "User", "message": "Function already exist: f" }));

    let shown = call(&cloud, Method::GET, "/f/configuration", Value::Null).await.body;
    assert_eq!(
        (&shown["Timeout"], &shown["State"], &shown["Version"], &shown["LastModified"]),
        (&json!(30), &json!("Active"), &json!("$LATEST"), &json!("2026-11-20T10:00:00.000+0000"))
    );
    let escaped = arn.replace(':', "%3A");
    assert_eq!(call(&cloud, Method::GET, &format!("/{escaped}"), Value::Null).await.body["Configuration"], shown);

    let changed = call(&cloud, Method::PUT, "/f/configuration", json!({ "Description": "new", "Timeout": 5 })).await;
    assert_eq!((changed.status, &changed.body["Description"]), (StatusCode::OK, &json!("new")));
    assert_eq!(changed.body["Environment"], shown["Environment"]);
    assert_ne!(changed.body["RevisionId"], shown["RevisionId"]);
    let stale = json!({ "Timeout": 6, "RevisionId": shown["RevisionId"] });
    let stale = call(&cloud, Method::PUT, "/f/configuration", stale).await;
    assert_eq!(stale.error(), (412, "PreconditionFailedException"));

    create(&cloud, "g", "http://127.0.0.1:1").await;
    let first = call(&cloud, Method::GET, "/?MaxItems=1", Value::Null).await.body;
    assert_eq!((&first["Functions"][0]["FunctionName"], &first["NextMarker"]), (&json!("f"), &json!("f")));
    let rest = call(&cloud, Method::GET, "?Marker=f", Value::Null).await.body;
    assert_eq!((&rest["Functions"][0]["FunctionName"], rest.get("NextMarker")), (&json!("g"), None));

    assert_eq!(call(&cloud, Method::DELETE, "/f", Value::Null).await.status, StatusCode::NO_CONTENT);
    let gone = call(&cloud, Method::GET, "/f", Value::Null).await;
    assert_eq!(gone.error(), (404, "ResourceNotFoundException"));
    assert_eq!(gone.body, json!({ "Type": "User", "Message": format!("Function not found: {arn}") }));
}

#[tokio::test]
async fn an_invalid_address_is_refused_at_creation() {
    let cloud = Cloud::in_memory();
    for (address, said) in [
        ("https://127.0.0.1:1", "only http:// addresses"),
        ("127.0.0.1:1", "http://127.0.0.1:3001"),
        ("http://user:secret@127.0.0.1", "user or a password"),
    ] {
        let refused = call(&cloud, Method::POST, "", at("f", address)).await;
        assert_eq!(refused.error(), (400, "InvalidParameterValueException"), "{address}");
        let words = refused.body["message"].as_str().unwrap();
        assert!(words.contains(said) && !words.contains("secret"), "{words}");
    }
    let mut without = at("f", "");
    without["Environment"] = Value::Null;
    let refused = call(&cloud, Method::POST, "", without).await;
    assert!(refused.body["message"].as_str().unwrap().contains("FUNCTION_ADDRESS=http://"), "{}", refused.body);
    let mut vpc = at("f", "http://127.0.0.1:1");
    vpc["VpcConfig"] = json!({});
    let refused = call(&cloud, Method::POST, "", vpc).await;
    assert!(refused.body["message"].as_str().unwrap().contains("VpcConfig"), "{}", refused.body);
}

#[tokio::test]
async fn a_request_that_is_not_signed_is_refused() {
    let cloud = Cloud::in_memory();
    let request = Request::post("/2015-03-31/functions").body(Body::from(at("f", "http://a").to_string())).unwrap();
    let response = cloud.engine.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_invocation_gives_the_answer_of_the_function_or_its_error() {
    let cloud = Cloud::in_memory();
    let program = Program::start(|payload| match payload["n"].as_i64() {
        Some(n) => answered(json!({ "twice": n * 2 })),
        None => failed(json!({ "errorMessage": "there is no n", "errorType": "NoNumber", "stackTrace": [] })),
    })
    .await;
    create(&cloud, "f", &program.address).await;
    let invoked = call(&cloud, Method::POST, "/f/invocations", json!({ "n": 4 })).await;
    assert_eq!((invoked.status, &invoked.body), (StatusCode::OK, &json!({ "twice": 8 })));
    assert_eq!(invoked.headers["x-amz-executed-version"], "$LATEST");
    assert!(!invoked.headers.contains_key("x-amz-function-error"));
    assert_eq!(program.requests()[0], ("/2015-03-31/functions/f/invocations".to_owned(), json!({ "n": 4 })));

    let failed = call(&cloud, Method::POST, "/f/invocations", Value::Null).await;
    assert_eq!(
        (failed.status, &failed.headers["x-amz-function-error"]),
        (StatusCode::OK, &"Unhandled".parse().unwrap())
    );
    assert_eq!(failed.body["stackTrace"], json!([]));
    assert_eq!(program.requests()[1].1, json!({}));

    let dry = ask_as(&cloud, Method::POST, "/f/invocations", json!({}), "DryRun").await;
    assert_eq!((dry.status, program.requests().len()), (StatusCode::NO_CONTENT, 2));
    let none = call(&cloud, Method::POST, "/none/invocations", json!({})).await;
    assert_eq!(none.error(), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn a_payload_that_is_not_json_is_refused() {
    let cloud = Cloud::in_memory();
    create(&cloud, "f", "http://127.0.0.1:1").await;
    let request = Request::post("/2015-03-31/functions/f/invocations").header("authorization", "x");
    let response = cloud.engine.router().oneshot(request.body(Body::from("not json")).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()["x-amzn-errortype"], "InvalidRequestContentException");
}

#[tokio::test]
async fn an_asynchronous_invocation_is_durable_and_delivered_by_the_next_process() {
    let folder = Folder::new();
    let clock = ManualClock::starting_at(MORNING);
    let program = Program::start(|_| answered(Value::Null)).await;
    let first = Cloud::open(Some(&folder.file()), clock.clone());
    create(&first, "f", &program.address).await;
    // The delivery loop of the first process never runs: the process ends right after the acknowledgement.
    let taken = ask_as(&first, Method::POST, "/f/invocations", json!({ "n": 7 }), "Event").await;
    assert_eq!(taken.status, StatusCode::ACCEPTED);
    drop(first);

    let second = Cloud::open(Some(&folder.file()), clock);
    second.engine.start();
    eventually("the invocation", || async { (program.requests().len() == 1).then_some(()) }).await;
    assert_eq!(program.requests()[0].1, json!({ "n": 7 }));
}

#[tokio::test]
async fn a_rule_sends_its_events_to_a_function_at_an_address() {
    let cloud = Cloud::in_memory();
    let program = Program::start(|_| answered(Value::Null)).await;
    let arn = create(&cloud, "f", &program.address).await;
    cloud.rule("default", "r", json!({ "source": ["test"] }), &arn).await;
    cloud.engine.start();
    let id = cloud.put("default", "t", json!({ "n": 1 })).await;
    eventually("the event", || async { (program.requests().len() == 1).then_some(()) }).await;
    assert_eq!(program.requests()[0].1["id"], json!(id));
}

#[tokio::test]
async fn a_task_calls_a_function_at_an_address_by_its_arn_and_by_lambda_invoke() {
    let cloud = Cloud::in_memory();
    let program = Program::start(|payload| answered(json!({ "heard": payload }))).await;
    let arn = create(&cloud, "f", &program.address).await;
    cloud.engine.start();
    assert_eq!(run(&cloud, &arn, Value::Null).await, Ok(json!({ "heard": { "n": 1 } })));
    let parameters = json!({ "FunctionName": "f", "Payload.$": "$.n" });
    let answer = run(&cloud, "arn:aws:states:::lambda:invoke", parameters).await.unwrap();
    assert_eq!((&answer["Payload"], &answer["StatusCode"]), (&json!({ "heard": 1 }), &json!(200)));
}

#[tokio::test]
async fn a_function_that_was_given_a_token_ends_the_task_later() {
    let cloud = Cloud::in_memory();
    let program = Program::start(|_| answered(json!("not the output"))).await;
    let arn = create(&cloud, "f", &program.address).await;
    cloud.engine.start();
    let parameters = json!({ "FunctionName": arn, "Payload": { "token.$": "$$.Task.Token" } });
    let callback = async {
        eventually("the token", || async { (program.requests().len() == 1).then_some(()) }).await;
        let token = program.requests()[0].1["token"].as_str().unwrap().to_owned();
        cloud.sfn.send_task_success().task_token(token).output("5").send().await.unwrap();
    };
    let resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    let (output, ()) = tokio::join!(run(&cloud, resource, parameters), callback);
    assert_eq!(output, Ok(json!(5)));
}

#[tokio::test]
async fn function_errors_have_the_names_of_aws() {
    let cloud = Cloud::in_memory();
    let broken = Program::start(|payload| match payload["case"].as_str().unwrap() {
        "own" => failed(json!({ "errorMessage": "no milk", "errorType": "OutOfMilk" })),
        "nameless" => failed(json!({ "errorMessage": "gone" })),
        "busy" => StatusCode::TOO_MANY_REQUESTS.into_response(),
        "ill" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "absent" => (StatusCode::BAD_REQUEST, [("x-amzn-errortype", "ResourceNotFoundException")]).into_response(),
        _ => "no json".into_response(),
    })
    .await;
    create(&cloud, "f", &broken.address).await;
    create(&cloud, "nobody", "http://127.0.0.1:1").await;
    cloud.engine.start();
    for (function, case, error) in [
        ("f", "own", "OutOfMilk"),
        ("f", "nameless", "Lambda.Unknown"),
        ("f", "crash", "Lambda.Unknown"),
        ("f", "busy", "Lambda.TooManyRequestsException"),
        ("f", "ill", "Lambda.ServiceException"),
        ("f", "absent", "Lambda.ResourceNotFoundException"),
        ("nobody", "", "Lambda.ServiceException"),
        ("none", "", "Lambda.ResourceNotFoundException"),
    ] {
        let parameters = json!({ "FunctionName": function, "Payload": { "case": case } });
        let (found, cause) = run(&cloud, "arn:aws:states:::lambda:invoke", parameters).await.unwrap_err();
        assert_eq!(found, error, "{case}: {cause}");
        assert!(!cause.contains("127.0.0.1"), "the cause contains the address of the function: {cause}");
        if case == "own" {
            assert_eq!(cause, r#"{"errorMessage":"no milk","errorType":"OutOfMilk"}"#);
        }
    }
}

#[tokio::test]
async fn a_function_that_takes_longer_than_its_time_out_has_failed() {
    let cloud = Cloud::in_memory();
    // A listener that never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    create(&cloud, "f", &address).await;
    cloud.engine.start();
    let parameters = json!({ "FunctionName": "f" });
    let turn = async {
        let (_connection, _) = listener.accept().await.unwrap();
        cloud.clock.advance(Duration::from_secs(30));
        std::future::pending::<()>().await;
    };
    let (error, cause) = tokio::select! {
        ended = run(&cloud, "arn:aws:states:::lambda:invoke", parameters) => ended.unwrap_err(),
        () = turn => unreachable!(),
    };
    assert_eq!(error, "Sandbox.Timedout");
    assert!(cause.contains("Task timed out after 30.00 seconds"), "{cause}");
}

#[tokio::test]
async fn a_registered_handler_is_listed_and_invoked_and_its_name_is_taken() {
    let cloud = Cloud::in_memory();
    cloud.function("inside", |payload| Ok(json!({ "heard": payload })));
    let listed = call(&cloud, Method::GET, "/", Value::Null).await.body;
    assert_eq!(listed["Functions"][0]["FunctionName"], "inside");
    let invoked = call(&cloud, Method::POST, "/inside/invocations", json!(1)).await;
    assert_eq!(invoked.body, json!({ "heard": 1 }));
    let taken = call(&cloud, Method::POST, "", at("inside", "http://127.0.0.1:1")).await;
    assert_eq!(taken.error(), (409, "ResourceConflictException"));
    assert_eq!(call(&cloud, Method::DELETE, "/inside", Value::Null).await.error(), (409, "ResourceConflictException"));
}

#[tokio::test]
async fn permissions_are_stored_returned_and_removed() {
    let cloud = Cloud::in_memory();
    create(&cloud, "f", "http://127.0.0.1:1").await;
    let rule = "arn:aws:events:us-east-1:000000000000:rule/r";
    let permission = json!({ "StatementId": "events", "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com", "SourceArn": rule });
    let added = call(&cloud, Method::POST, "/f/policy", permission.clone()).await;
    assert_eq!(added.status, StatusCode::CREATED);
    let again = call(&cloud, Method::POST, "/f/policy", permission).await;
    assert_eq!(again.error(), (409, "ResourceConflictException"));
    let policy = call(&cloud, Method::GET, "/f/policy", Value::Null).await.body;
    let policy: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(policy["Statement"][0]["Condition"]["ArnLike"]["AWS:SourceArn"], rule);
    let removed = call(&cloud, Method::DELETE, "/f/policy/events", Value::Null).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(call(&cloud, Method::GET, "/f/policy", Value::Null).await.error().0, 404);
}
