//! What others publish as their limits and shapes, enforced: Slack, Teams, Twilio, ntfy, and any other by template.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::post::{HOSTILE, anna, channel, notice, send};
use super::service::{Sent, Service};
use crate::validators::judge;

fn pretty(text: &str) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<Value>(text).unwrap()).unwrap()
}

/// As an incoming webhook judges: plain words for what is wrong.
fn slack(sent: &Sent) -> (u16, String) {
    let refuse = |why: &str| (400, why.to_owned());
    let Ok(message) = serde_json::from_str::<Value>(&sent.body) else { return refuse("invalid_payload") };
    if message["text"].as_str().is_none_or(str::is_empty) {
        return refuse("no_text");
    }
    let Some(blocks) = message["blocks"].as_array().filter(|blocks| blocks.len() <= 50) else {
        return refuse("invalid_blocks");
    };
    let fits = |text: &Value, kind: &str, most: usize| {
        let text = (text["type"] == kind).then(|| text["text"].as_str()).flatten();
        text.is_some_and(|text| (1..=most).contains(&text.chars().count()))
    };
    let sound = blocks.iter().all(|block| match block["type"].as_str() {
        Some("header") => fits(&block["text"], "plain_text", 150),
        Some("section") => fits(&block["text"], "mrkdwn", 3000),
        Some("context") => {
            block["elements"].as_array().unwrap().iter().all(|text| fits(text, "mrkdwn", 3000))
        }
        _ => false,
    });
    if !sound {
        return refuse("invalid_blocks");
    }
    if sent.body.len() > 13_000 {
        return refuse("msg_blocks_too_long");
    }
    (200, "ok".to_owned())
}

/// What stands between angle brackets, which is where Slack reads a command.
fn commands(message: &str) -> Vec<&str> {
    message.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

#[tokio::test]
async fn slack_takes_it_and_a_hostile_title_pings_nobody() {
    let service = Service::open(slack).await;
    let text = "kind = \"slack\"\nurl_file = \"url\"";
    let url = format!("{}/services/T0/B0/hush-hush", service.url);
    let slack = channel(text, &[("url", &url)]).unwrap();
    assert_eq!(send(&slack, &notice(HOSTILE, HOSTILE), Some(&anna())).await, "taken: answered 200 OK: ok");
    let sent = service.last().body;
    assert_eq!(commands(&sent), ["https://meridian.example.com/a/17-3-0.69a5.abc-_|Take it"]);
    assert_snapshot!(pretty(&sent), @r#"
    {
      "blocks": [
        {
          "text": {
            "text": "Köksön &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt; Bcc: victim@example.com &lt;/Say&gt;&lt;Dial&gt;+1900&lt;/Dial&gt; \"}],\"x\":[{\" **[зд…",
            "type": "plain_text"
          },
          "type": "header"
        },
        {
          "text": {
            "text": "Köksön &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;\nBcc: victim@example.com\n&lt;/Say&gt;&lt;Dial&gt;+1900&lt;/Dial&gt; \"}],\"x\":[{\" **[здесь](https://evil.example)** 停電 🚨",
            "type": "mrkdwn"
          },
          "type": "section"
        },
        {
          "text": {
            "text": "<https://meridian.example.com/a/17-3-0.69a5.abc-_|Take it>",
            "type": "mrkdwn"
          },
          "type": "section"
        },
        {
          "elements": [
            {
              "text": "For Anna \"A\" Lindqvist, &lt;x@evil.example&gt; · page · 17-3-0",
              "type": "mrkdwn"
            }
          ],
          "type": "context"
        }
      ],
      "text": "Köksön &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt; Bcc: victim@example.com &lt;/Say&gt;&lt;Dial&gt;+1900&lt;/Dial&gt; \"}],\"x\":[{\" **[здесь](https://evil.example)** 停電 🚨",
      "unfurl_links": false,
      "unfurl_media": false
    }
    "#);
    for long in ["<".repeat(9_000), "&<>".repeat(50), "ä".repeat(150), "x".repeat(149), String::new()] {
        assert_eq!(send(&slack, &notice(&long, &long), None).await, "taken: answered 200 OK: ok");
    }
    service.close().await;
}

#[tokio::test]
async fn what_slack_answers_decides_whether_to_try_again_and_shows_no_address() {
    let service = Service::open(|sent| {
        let (status, said) = sent.path.trim_start_matches("/hush-hush/").split_once('/').unwrap();
        (status.parse().unwrap(), said.replace('_', " "))
    })
    .await;
    let mut table = String::new();
    for answer in [
        "200/ok",
        "400/invalid_payload",
        "403/action_prohibited",
        "404/no_service",
        "410/channel_is_archived",
        "429/",
        "500/rollup_error",
    ] {
        let url = format!("{}/hush-hush/{answer}", service.url);
        let slack = channel("kind = \"slack\"\nurl_file = \"url\"", &[("url", &url)]).unwrap();
        table += &format!("{answer}: {}\n", send(&slack, &notice("x", "y"), None).await);
    }
    service.close().await;
    assert_snapshot!(table, @r#"
    200/ok: taken: answered 200 OK: ok
    400/invalid_payload: never: answered 400 Bad Request: invalid payload
    403/action_prohibited: again None: answered 403 Forbidden: action prohibited
    404/no_service: again None: answered 404 Not Found: no service
    410/channel_is_archived: never: answered 410 Gone: channel is archived
    429/: less, again None: answered 429 Too Many Requests
    500/rollup_error: again None: answered 500 Internal Server Error: rollup error
    "#);
}

/// As a workflow judges that posts an adaptive card.
fn teams(sent: &Sent) -> (u16, String) {
    if sent.body.len() > 28_000 {
        return (413, "RequestEntityTooLarge".to_owned());
    }
    let message: Value = serde_json::from_str(&sent.body).unwrap();
    let attachment = &message["attachments"][0];
    let card = &attachment["content"];
    let sound = message["type"] == "message"
        && attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        && card["type"] == "AdaptiveCard"
        && card["version"] == "1.2"
        && card["body"].as_array().is_some_and(|body| {
            body.iter().all(|block| {
                block["type"] == "RichTextBlock"
                    && block["inlines"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .all(|run| run["type"] == "TextRun" && run["text"].is_string())
            })
        });
    if sound { (202, String::new()) } else { (400, "the card is not valid".to_owned()) }
}

#[tokio::test]
async fn teams_takes_it_however_long_it_is() {
    let service = Service::open(teams).await;
    let url = format!("{}/workflows/1/triggers/manual/paths/invoke?sig=hush-hush", service.url);
    let teams = channel("kind = \"teams\"\nurl_file = \"url\"", &[("url", &url)]).unwrap();
    assert_eq!(
        send(&teams, &notice(HOSTILE, "Please take it."), Some(&anna())).await,
        "taken: answered 202 Accepted"
    );
    assert_snapshot!(pretty(&service.last().body), @r#"
    {
      "attachments": [
        {
          "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "actions": [
              {
                "title": "Take it",
                "type": "Action.OpenUrl",
                "url": "https://meridian.example.com/a/17-3-0.69a5.abc-_"
              }
            ],
            "body": [
              {
                "inlines": [
                  {
                    "color": "Attention",
                    "size": "Medium",
                    "text": "Köksön <!channel> & <https://evil.example|click> Bcc: victim@example.com </Say><Dial>+1900</Dial> \"}],\"x\":[{\" **[здесь](https://evil.example)** 停電 🚨",
                    "type": "TextRun",
                    "weight": "Bolder"
                  }
                ],
                "type": "RichTextBlock"
              },
              {
                "inlines": [
                  {
                    "text": "Please take it.",
                    "type": "TextRun"
                  }
                ],
                "type": "RichTextBlock"
              },
              {
                "inlines": [
                  {
                    "isSubtle": true,
                    "text": "For Anna \"A\" Lindqvist, <x@evil.example>",
                    "type": "TextRun"
                  }
                ],
                "type": "RichTextBlock"
              }
            ],
            "msteams": {
              "width": "full"
            },
            "type": "AdaptiveCard",
            "version": "1.2"
          },
          "contentType": "application/vnd.microsoft.card.adaptive",
          "contentUrl": null
        }
      ],
      "type": "message"
    }
    "#);
    for long in ["x".repeat(100_000), "\"\\".repeat(50_000), "🚨".repeat(100_000)] {
        assert_eq!(send(&teams, &notice(&long, &long), None).await, "taken: answered 202 Accepted");
        let size = service.last().body.len();
        assert!((15_000..=21_000).contains(&size), "{size} bytes");
    }
    service.close().await;
}

/// The fields of a form, decoded.
fn fields(body: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [first, after @ ..] = rest {
            match first {
                b'%' => {
                    let digits = std::str::from_utf8(&after[..2]).unwrap();
                    bytes.push(u8::from_str_radix(digits, 16).unwrap());
                    rest = &after[2..];
                }
                other => {
                    bytes.push(if *other == b'+' { b' ' } else { *other });
                    rest = after;
                }
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    let pair = |field: &str| {
        let (name, value) = field.split_once('=').unwrap();
        (decoded(name), decoded(value))
    };
    body.split('&').map(pair).collect()
}

/// As Twilio's API judges a new message or call.
fn twilio(sent: &Sent) -> (u16, String) {
    let refuse = |status: u16, code: u32, why: &str| {
        (status, json!({ "code": code, "message": why, "more_info": "", "status": status }).to_string())
    };
    // AC0123:hush-hush
    if sent.headers.get("authorization").is_none_or(|given| given != "Basic QUMwMTIzOmh1c2gtaHVzaA==") {
        return refuse(401, 20003, "Authenticate");
    }
    let fields = fields(&sent.body);
    let field = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let number = |text: Option<&str>| {
        text.is_some_and(|text| text.starts_with('+') && text[1..].chars().all(|c| c.is_ascii_digit()))
    };
    if sent.headers["content-type"] != "application/x-www-form-urlencoded" || !number(field("From")) {
        return refuse(400, 21603, "A 'From' phone number is required.");
    }
    match field("To") {
        Some("+46700000429") => return refuse(429, 20429, "Too Many Requests"),
        to if !number(to) => return refuse(400, 21211, "Invalid 'To' Phone Number"),
        _ => (),
    }
    let within =
        |name: &str, most: usize| field(name).is_some_and(|text| (1..=most).contains(&text.chars().count()));
    let sound = match sent.path.as_str() {
        "/2010-04-01/Accounts/AC0123/Messages.json" => within("Body", 1600),
        "/2010-04-01/Accounts/AC0123/Calls.json" => within("Twiml", 4000),
        _ => return refuse(404, 20404, "The requested resource was not found"),
    };
    if !sound {
        return refuse(400, 21617, "The message body exceeds the 1600 character limit");
    }
    (201, json!({ "sid": "SM1", "status": "queued", "error_code": null }).to_string())
}

#[tokio::test]
async fn twilio_takes_a_message_of_one_line_and_a_call_that_says_text_and_nothing_else() {
    let service = Service::open(twilio).await;
    let text = |preset: &str| {
        format!(
            "kind = \"http\"\npreset = {preset:?}\nurl = \"{}\"\naccount = \"AC0123\"\ntoken_file = \"secret\"\n\
             from = \"+46700000099\"",
            service.url
        )
    };
    let sms = channel(&text("twilio-sms"), &[]).unwrap();
    let voice = channel(&text("twilio-voice"), &[]).unwrap();
    let mut table = String::new();
    for (channel, long) in [
        (&sms, HOSTILE.to_owned()),
        (&voice, HOSTILE.to_owned()),
        (&sms, "\n".repeat(5_000)),
        (&voice, "<".repeat(5_000)),
    ] {
        let outcome = send(channel, &notice(&long, "y"), Some(&anna())).await;
        assert!(outcome.starts_with("taken: answered 201 Created"), "{outcome}");
        let (_, said) = fields(&service.last().body).pop().unwrap();
        if long == HOSTILE {
            table += &format!("{said}\n");
        }
        assert!(
            said.starts_with('<') || (said.lines().count() == 1 && said.chars().count() <= 160),
            "{said:?}"
        );
    }
    let mut person = anna();
    for phone in [Some("+46700000429".to_owned()), Some("not a number".to_owned()), None] {
        person.phone = phone;
        table += &format!("{}\n", send(&sms, &notice("x", "y"), Some(&person)).await);
    }
    let wrong = channel(&text("twilio-sms"), &[("secret", "another")]).unwrap();
    table += &format!("{}\n", send(&wrong, &notice("x", "y"), Some(&anna())).await);
    service.close().await;
    assert_snapshot!(table, @r#"
    Köksön <!channel> & <https://evil.example|click> Bcc: victim@example.com </Say><Dial>+1900</Dial> "}],"x":[{" … https://meridian.example.com/a/17-3-0.69a5.abc-_
    <Response><Say language="en-GB" loop="2">Köksön &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt; Bcc: victim@example.com &lt;/Say&gt;&lt;Dial&gt;+1900&lt;/Dial&gt; &quot;}],&quot;x&quot;:[{&quot; **[здесь](https://evil.example)** 停電 🚨</Say></Response>
    less, again None: answered 429 Too Many Requests: {"code":20429,"message":"Too Many Requests","more_info":"","status":429}
    never: answered 400 Bad Request: {"code":21211,"message":"Invalid 'To' Phone Number","more_info":"","status":400}
    never: anna has no `phone` in the rotation files
    again None: answered 401 Unauthorized: {"code":20003,"message":"Authenticate","more_info":"","status":401}
    "#);
}

/// As a server of ntfy judges what is published as JSON.
fn ntfy(sent: &Sent) -> (u16, String) {
    let refuse = |status: u16, code: u32, why: &str| {
        (status, json!({ "code": code, "http": status, "error": why }).to_string())
    };
    let message: Value = serde_json::from_str(&sent.body).unwrap();
    let topic = message["topic"].as_str().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if sent.path != "/" || topic.is_empty() || topic.len() > 64 || !topic.chars().all(plain) {
        return refuse(400, 40009, "invalid request: topic invalid");
    }
    if sent.headers.get("authorization").is_none_or(|given| given != "Bearer hush-hush") {
        return refuse(403, 40301, "forbidden");
    }
    if topic == "busy-oncall" {
        return refuse(429, 42901, "limit reached: too many requests");
    }
    if message["message"].as_str().is_none_or(|text| text.len() > 4096) {
        return refuse(400, 40012, "invalid request: message too large");
    }
    let actions = message["actions"].as_array().cloned().unwrap_or_default();
    let sound = actions.len() <= 3
        && actions.iter().all(|action| {
            action["action"] == "http" && action["label"].is_string() && action["url"].is_string()
        });
    if !sound || !(1..=5).contains(&message["priority"].as_i64().unwrap_or(0)) {
        return refuse(400, 40018, "invalid request: actions invalid");
    }
    (200, json!({ "id": "x", "time": 1, "event": "message", "topic": topic }).to_string())
}

#[tokio::test]
async fn ntfy_takes_it_with_a_button_that_takes_the_ticket() {
    let service = Service::open(ntfy).await;
    let text = format!(
        "kind = \"http\"\npreset = \"ntfy\"\nurl = \"{}/\"\ntopic = \"{{{{ person.id }}}}-oncall\"\ntoken_file = \"secret\"",
        service.url
    );
    let ntfy = channel(&text, &[]).unwrap();
    let outcome = send(&ntfy, &notice("P1 ticket 17: Strömavbrott 🚨", HOSTILE), Some(&anna())).await;
    assert!(outcome.starts_with("taken: answered 200 OK"), "{outcome}");
    assert_snapshot!(pretty(&service.last().body), @r#"
    {
      "actions": [
        {
          "action": "http",
          "clear": true,
          "label": "Take it",
          "method": "POST",
          "url": "https://meridian.example.com/a/17-3-0.69a5.abc-_"
        }
      ],
      "click": "https://meridian.example.com/a/17-3-0.69a5.abc-_",
      "message": "Köksön <!channel> & <https://evil.example|click>\nBcc: victim@example.com\n</Say><Dial>+1900</Dial> \"}],\"x\":[{\" **[здесь](https://evil.example)** 停電 🚨",
      "priority": 5,
      "title": "P1 ticket 17: Strömavbrott 🚨",
      "topic": "anna-oncall"
    }
    "#);
    let long = "🚨".repeat(9_000);
    assert!(send(&ntfy, &notice(&long, &long), Some(&anna())).await.starts_with("taken"));
    let mut table = String::new();
    for to in ["busy", "a/b", "åsa"] {
        let mut notice = notice("x", "y");
        notice.to = meridian::schedule::PersonId::new(to);
        table += &format!("{to}: {}\n", send(&ntfy, &notice, None).await);
    }
    service.close().await;
    assert_snapshot!(table, @r#"
    busy: less, again None: answered 429 Too Many Requests: {"code":42901,"error":"limit reached: too many requests","http":429}
    a/b: never: topic: letters, digits, `-` and `_`, 64 at most; for this person it is not that
    åsa: never: topic: letters, digits, `-` and `_`, 64 at most; for this person it is not that
    "#);
}

#[tokio::test]
async fn any_other_service_is_a_template_and_values_stay_values() {
    let service = Service::open(|_| (204, String::new())).await;
    let body = r#"body = '{"to": "{{ person.phone }}", "say": "{{ subject }}", "more": ["{{ text | truncate(20) }}"], "n": {{ ticket }}}'"#;
    let json = format!(
        "kind = \"http\"\nmethod = \"PUT\"\nurl = \"{}/v1/{{{{ person.id }}}}/{{{{ subject }}}}?q={{{{ text }}}}\"\n\
         headers = {{ Authorization = \"Key {{{{ secret }}}}\", X-Title = \"{{{{ subject }}}}\" }}\n\
         secret_file = \"secret\"\n{body}",
        service.url
    );
    let form = format!(
        "kind = \"http\"\nurl = \"{}/form\"\nheaders = {{ Content-Type = \"application/x-www-form-urlencoded\" }}\n\
         body = \"to={{{{ person.phone }}}}&say={{{{ subject }}}}{{% if acknowledge_url %}}&url={{{{ acknowledge_url }}}}{{% endif %}}\"",
        service.url
    );
    let mut table = String::new();
    for text in [json, form] {
        let other = channel(&text, &[]).unwrap();
        assert_eq!(
            send(&other, &notice(HOSTILE, HOSTILE), Some(&anna())).await,
            "taken: answered 204 No Content"
        );
        let sent = service.last();
        table += &format!("{} {}\n", sent.method, sent.path);
        for name in ["authorization", "x-title", "content-type"] {
            if let Some(value) = sent.headers.get(name) {
                table += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
            }
        }
        match serde_json::from_str::<Value>(&sent.body) {
            Ok(body) => {
                assert_eq!(
                    (body["say"].as_str().unwrap(), body["n"].as_i64()),
                    (meridian::message::on_one_line(HOSTILE).as_str(), Some(17))
                );
                table += &format!("{body}\n");
            }
            Err(_) => table += &format!("{:#?}\n", fields(&sent.body)),
        }
        table += &format!("{}\n", send(&other, &notice("x", "y"), None).await);
    }
    service.close().await;
    assert_snapshot!(table, @r#"
    PUT /v1/anna/K%C3%B6ks%C3%B6n%20%3C%21channel%3E%20%26%20%3Chttps%3A%2F%2Fevil.example%7Cclick%3E%20Bcc%3A%20victim%40example.com%20%3C%2FSay%3E%3CDial%3E%2B1900%3C%2FDial%3E%20%22%7D%5D%2C%22x%22%3A%5B%7B%22%20%2A%2A%5B%D0%B7%D0%B4%D0%B5%D1%81%D1%8C%5D%28https%3A%2F%2Fevil.example%29%2A%2A%20%E5%81%9C%E9%9B%BB%20%F0%9F%9A%A8?q=K%C3%B6ks%C3%B6n%20%3C%21channel%3E%20%26%20%3Chttps%3A%2F%2Fevil.example%7Cclick%3E%0ABcc%3A%20victim%40example.com%0A%3C%2FSay%3E%3CDial%3E%2B1900%3C%2FDial%3E%20%22%7D%5D%2C%22x%22%3A%5B%7B%22%20%2A%2A%5B%D0%B7%D0%B4%D0%B5%D1%81%D1%8C%5D%28https%3A%2F%2Fevil.example%29%2A%2A%20%E5%81%9C%E9%9B%BB%20%F0%9F%9A%A8
    authorization: Key hush-hush
    x-title: Köksön <!channel> & <https://evil.example|click> Bcc: victim@example.com </Say><Dial>+1900</Dial> "}],"x":[{" **[здесь](https://evil.example)** 停電 🚨
    content-type: application/json
    {"more":["Köksön <!channel> &…"],"n":17,"say":"Köksön <!channel> & <https://evil.example|click> Bcc: victim@example.com </Say><Dial>+1900</Dial> \"}],\"x\":[{\" **[здесь](https://evil.example)** 停電 🚨","to":"+46700000001"}
    never: `body`, line 1: undefined value: is it misspelt, or has this person no e-mail address or phone number?
    POST /form
    content-type: application/x-www-form-urlencoded
    [
        (
            "to",
            "+46700000001",
        ),
        (
            "say",
            "Köksön <!channel> & <https://evil.example|click> Bcc: victim@example.com </Say><Dial>+1900</Dial> \"}],\"x\":[{\" **[здесь](https://evil.example)** 停電 🚨",
        ),
        (
            "url",
            "https://meridian.example.com/a/17-3-0.69a5.abc-_",
        ),
    ]
    never: `body`, line 1: undefined value: is it misspelt, or has this person no e-mail address or phone number?
    "#);
}

#[test]
fn a_template_that_cannot_be_filled_in_or_leads_elsewhere_is_refused_at_the_start() {
    let http = |rest: &str| format!("kind = \"http\"\nsecret_file = \"secret\"\n{rest}");
    let texts = [
        "url = \"https://sms.example.com/{{ preson.id }}\"",
        "url = \"https://{{ person.id }}.example.com/\"",
        "url = \"https://sms.example.com{{ person.id }}/\"",
        "url = \"{{ secret }}\"",
        "url = \"https://sms.example.com/{{ person.id\"",
        "url = \"https://sms.example.com/\"\nmethod = \"BREW\"",
        "url = \"https://sms.example.com/\"\nbody = '{\"say\": {{ subject }}}'",
        "url = \"https://sms.example.com/\"\nbody = '{\"say\": \"{{ subject | upper }}\"'",
        "url = \"https://sms.example.com/\"\nbody = '{% for a in range(99999999) %}{{ a }}{% endfor %}'",
        "url = \"https://sms.example.com/\"\nbody = '{% include \"/etc/passwd\" %}'",
        "url = \"https://sms.example.com/\"\nheaders = { \"two words\" = \"x\" }",
        "url = \"https://sms.example.com/\"\npreset = \"pigeon\"",
        "url = \"https://sms.example.com/\"\npreset = \"ntfy\"\ntopic = \"x\"",
    ];
    let said = texts.iter().map(|text| {
        let refused =
            channel(&http(text), &[]).err().map_or("it is taken".to_owned(), |error| format!("{error:#}"));
        assert!(!refused.contains("hush"), "{refused}");
        format!("{text}\n    {}", refused.replace('\n', "\n    "))
    });
    assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @r#"
    url = "https://sms.example.com/{{ preson.id }}"
        tried with a made-up message: `url`, line 1: undefined value: is it misspelt, or has this person no e-mail address or phone number?
    url = "https://{{ person.id }}.example.com/"
        `url`: scheme and host are written out, and `/` after them; templates come later
    url = "https://sms.example.com{{ person.id }}/"
        `url`: scheme and host are written out, and `/` after them; templates come later
    url = "{{ secret }}"
        `url`: scheme and host are written out, and `/` after them; templates come later
    url = "https://sms.example.com/{{ person.id"
        `url`, line 1: syntax error: unexpected end of input, expected end of variable block
    url = "https://sms.example.com/"
    method = "BREW"
        `method` is GET, POST, PUT, PATCH or DELETE
    url = "https://sms.example.com/"
    body = '{"say": {{ subject }}}'
        tried with a made-up message: `body` is not JSON: write values between quotes, "{{ subject }}": expected value at line 1 column 9
    url = "https://sms.example.com/"
    body = '{"say": "{{ subject | upper }}"'
        tried with a made-up message: `body` is not JSON: write values between quotes, "{{ subject }}": EOF while parsing an object at line 1 column 32
    url = "https://sms.example.com/"
    body = '{% for a in range(99999999) %}{{ a }}{% endfor %}'
        tried with a made-up message: `body`, line 1: unknown function: range is unknown
    url = "https://sms.example.com/"
    body = '{% include "/etc/passwd" %}'
        tried with a made-up message: `body`, line 1: template not found: tried to include non-existing template '/etc/passwd'
    url = "https://sms.example.com/"
    headers = { "two words" = "x" }
        headers: "two words" is no name of a header: invalid HTTP header name
    url = "https://sms.example.com/"
    preset = "pigeon"
        meridian.toml:6:10: unknown variant `pigeon`, expected one of `ntfy`, `twilio-sms`, `twilio-voice`
    url = "https://sms.example.com/"
    preset = "ntfy"
    topic = "x"
        meridian.toml: channels.it: a channel of kind "http" with the preset "ntfy" has no `secret_file`; it has `url`, `url_file`, `topic`, `token_file`, `acknowledge`, `allow_private`, `rate`
    "#);
}

#[tokio::test]
async fn signatures_are_sound_by_the_judgement_of_their_authors() {
    let service = Service::open(|_| (204, String::new())).await;
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let text = format!("kind = \"webhook\"\nurl = \"{}\"\nsecret_file = \"key\"", service.url);
    let hook = channel(&text, &[("key", secret)]).unwrap();
    let now = meridian::clock::Clock::machine().now();
    let (notice, person) = (notice(HOSTILE, HOSTILE), anna());
    let words = super::post::words(&notice);
    let to = meridian::notify::Recipient::of(&notice.to, Some(&person));
    let letter = meridian::notify::Letter::of(&notice, &words, to, super::post::with_link());
    hook.send(&letter, now).await.unwrap();
    let sent = service.last();
    let headers: serde_json::Map<String, Value> = sent
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("webhook-"))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
        .collect();
    let sound = json!({ "secret": secret, "headers": headers, "body": sent.body });
    let mut other_body = sound.clone();
    other_body["body"] = sent.body.replace("P1", "P2").into();
    let mut other_id = sound.clone();
    other_id["headers"]["webhook-id"] = "17-3-1".into();
    let mut other_key = sound.clone();
    other_key["secret"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx".into();
    let said = judge("webhooks.py", &[], &json!([sound, other_body, other_id, other_key]).to_string());
    service.close().await;
    assert_snapshot!(said, @r#"
    sound: "ticket.page"
    refused: No matching signature found
    refused: No matching signature found
    refused: No matching signature found
    "#);
}

#[tokio::test]
async fn a_message_about_no_ticket_named_ticket_0() {
    let service = Service::open(|_| (204, String::new())).await;
    let mut table = String::new();
    for body in [
        r#"{"say": "[{{ ticket }}] {{ subject }}"}"#,
        r#"{"say": "{% if ticket %}{{ ticket }}: {% endif %}{{ subject }}"}"#,
        // Without quotes it is a number, and there must be one.
        r#"{"say": "{{ subject }}", "n": {{ ticket }}}"#,
    ] {
        let text = format!("kind = \"http\"\nurl = \"{}/{{{{ ticket }}}}/\"\nbody = '{body}'", service.url);
        let http = channel(&text, &[]).unwrap();
        for ticket in [None, Some(meridian::desk::TicketId(17))] {
            let mut notice = notice("a shift begins", "y");
            notice.ticket = ticket;
            assert_eq!(send(&http, &notice, None).await, "taken: answered 204 No Content");
            table += &format!("{} {}\n", service.last().path, service.last().body);
        }
    }
    service.close().await;
    assert_snapshot!(table, @r#"
    // {"say": "[] a shift begins"}
    /17/ {"say": "[17] a shift begins"}
    // {"say": "a shift begins"}
    /17/ {"say": "17: a shift begins"}
    // {"say": "a shift begins", "n": 0}
    /17/ {"say": "a shift begins", "n": 17}
    "#);
}
