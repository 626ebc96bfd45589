//! The data for the scripts of the display: the state of the topics with their positions, and messages.

use domain::PauseReason;
use serde_json::{Map, Value, json};

use super::{
    request::Board,
    scale::{Scale, Shape},
    settings::Settings,
    text::{join_languages, place_texts, reason_text},
};
use crate::{i18n::Messages, loaders::Snapshot};

/// The data of the wall.
pub(super) fn wall(board: &Board, settings: &Settings, scale: Scale, messages: &[Messages]) -> String {
    let phrases: Vec<Value> =
        messages.iter().map(|t| json!({"lang": t.language().tag(), "say": t.display_call("{number}")})).collect();
    let code = |reason: &PauseReason| {
        (reason.as_str().to_owned(), join_languages(messages, |t| reason_text(reason, t)).into())
    };
    let reasons: Map<String, Value> = PauseReason::CODES.iter().map(code).collect();
    let both = |text: fn(Messages) -> String| join_languages(messages, text);
    let first = |text: fn(Messages) -> String| messages.first().map(|t| text(*t));
    let all = |text: fn(Messages) -> String| -> Vec<String> {
        // The same languages as in the page, without duplicates.
        let mut said: Vec<String> = messages.iter().map(|t| text(*t)).collect();
        said.dedup();
        said
    };
    script(&json!({
        "now": board.now,
        "topics": topics(board),
        "grids": {"wide": scale.grids(Shape::Wide), "tall": scale.grids(Shape::Tall)},
        "stay": u32::from(settings.stay) * 1000,
        "sound": settings.sound,
        "voice": settings.voice,
        "call": settings.call,
        "phrases": phrases,
        "words": {
            "new": first(|t| t.display_new().to_owned()),
            "more": both(|t| t.display_more("{number}")),
            "held": first(|t| t.display_held().to_owned()),
            "starting": first(|t| t.common_line_starting().to_owned()),
            "live": first(|t| t.common_line_live().to_owned()),
            "slow": first(|t| t.common_line_slow().to_owned()),
            "silent": first(|t| t.common_line_silent().to_owned()),
            "again_in": both(|t| t.display_again_in("{time}")),
            "notes": {"until": all(|t| t.display_again_in("{time}")), "open_end": all(|t| t.display_no_new_orders().to_owned())},
            "reasons": reasons,
        },
    }))
}

/// The data of the companion.
pub(super) fn mine(board: &Board, number: Option<u32>, t: Messages) -> String {
    let (mut places, mut titles) = (Map::new(), Map::new());
    for (place, text) in place_texts(t) {
        places.insert(place.to_owned(), text.into());
        let number = number.map(|number| number.to_string()).unwrap_or_default();
        titles.insert(place.to_owned(), t.display_mine_tab(&number, text).into());
    }
    script(&json!({
        "now": board.now,
        "topics": topics(board),
        "mine": number,
        "words": {
            "places": places,
            "titles": titles,
            "live": t.common_line_live(),
            "slow": t.common_line_slow_sentence(),
            "stale": t.display_stale("{time}"),
        },
    }))
}

fn topics(board: &Board) -> Value {
    let known = |snapshot: &Snapshot| {
        let position = snapshot.position;
        json!({"state": snapshot.state, "epoch": position.epoch, "seq": position.seq})
    };
    json!({"board": known(&board.board), "shop": known(&board.shop)})
}

/// Serializes JSON that can be put into a script element.
fn script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}
