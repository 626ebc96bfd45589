//! `/display/setup`: from two measurements to the address of the board. It needs no JavaScript.

use domain::Language;
use leptos::prelude::*;

use super::{
    qr_code::{QrImage, is_unreachable},
    request::DisplayRequest,
    scale::{Scale, Shape},
    settings::{Faults, PAGE_SECONDS, Settings},
    shell::Shell,
};
use crate::{components::LanguageSwitch, i18n::Messages};

/// The number on the test card.
const TEST_NUMBER: &str = "47";

pub(super) fn page(request: &DisplayRequest<'_>) -> impl IntoView {
    let t = request.messages;
    let (settings, faults) = Settings::read(request.query, t.language());
    let scale = settings.scale();
    let has = |name: &str| request.query.split('&').any(|pair| pair.starts_with(name));
    // The card follows after the form has been sent.
    let card = has("in=") && !faults.any();
    let own_style = format!(":root{{--f:{}}}", scale.factor);
    let shell = Shell {
        request,
        messages: t,
        class: "setup",
        title: t.display_setup_title().to_owned(),
        own_style: Some(own_style),
        scripts: &[],
        start: None,
        changes: false,
    };
    shell.around(view! {
        <main class="sheet">
            <h1>{t.display_setup_title()}</h1>
            <p class="lead">{t.display_setup_lead()}</p>
            {is_unreachable(request.origin).then(|| view! {
                <p class="warning" role="note">{with_flags(&t.display_setup_loopback(request.origin))}</p>
            })}
            <Form settings=settings.clone() faults=faults t=t />
            {card.then(|| view! { <Outcome settings=settings scale=scale t=t origin=request.origin.to_owned() /> })}
            <LanguageSwitch />
        </main>
    })
}

/// Keeps the flags of a command line on one line each.
fn with_flags(text: &str) -> Vec<AnyView> {
    let word = |word: &str| match word.strip_prefix("--") {
        Some(_) => view! { <span class="flag">{word.to_owned()}</span>" " }.into_any(),
        None => format!("{word} ").into_any(),
    };
    text.split(' ').map(word).collect()
}

#[component]
fn Form(settings: Settings, faults: Faults, t: Messages) -> impl IntoView {
    let Settings { room, languages, sound, voice, call, stay, .. } = settings;
    let first = languages.first().copied().unwrap_or_default();
    let second = languages.get(1).copied();
    let options = move |chosen: Option<Language>| {
        let option = move |language: Language| {
            view! {
                <option value=language.tag() selected=chosen == Some(language) lang=language.tag()>{language.own_name()}</option>
            }
        };
        Language::OFFERED.into_iter().map(option).collect_view()
    };
    let stays = PAGE_SECONDS.into_iter().map(move |each| {
        let text = match each {
            0 => t.display_setup_stay_off().to_owned(),
            seconds => t.display_setup_stay(u32::from(seconds)),
        };
        view! { <option value=each.to_string() selected=each == stay>{text}</option> }
    });
    view! {
        <form class="measures" method="get" action="/display/setup">
            <Measure name="in" label=t.display_setup_inches() hint=t.display_setup_inches_hint() value=room.inches
                fault=faults.inches.then(|| t.display_setup_inches_wrong()) />
            <Measure name="m" label=t.display_setup_metres() hint=t.display_setup_metres_hint() value=room.metres
                fault=faults.metres.then(|| t.display_setup_metres_wrong()) />
            <div class="field">
                <label for="lang">{t.display_setup_first()}</label>
                <select id="lang" name="lang">{options(Some(first))}</select>
            </div>
            <div class="field">
                <label for="and">{t.display_setup_second()}</label>
                <select id="and" name="and">
                    <option value="" selected=second.is_none()>{t.display_setup_none()}</option>
                    {options(second)}
                </select>
            </div>
            <div class="field">
                <label for="page">{t.display_setup_pages()}</label>
                <select id="page" name="page">{stays.collect_view()}</select>
            </div>
            <div class="field switches">
                <label><input type="checkbox" name="sound" value="1" checked=sound />{t.display_setup_sound()}</label>
                <label><input type="checkbox" name="voice" value="1" checked=voice />{t.display_setup_voice()}</label>
                <label><input type="checkbox" name="call" value="1" checked=call />{t.display_setup_call()}</label>
            </div>
            <button>{t.display_setup_apply()}</button>
        </form>
    }
}

#[component]
fn Measure(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: f64,
    fault: Option<&'static str>,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input id=name name=name inputmode="decimal" value=value.to_string() required autocomplete="off"
                aria-describedby=hint_id.clone() aria-invalid=fault.is_some().then_some("true") />
            <p class="hint" id=hint_id>
                {fault.map(|text| view! { <strong class="fault" role="alert">{text}</strong>" " })}
                {hint}
            </p>
        </div>
    }
}

/// The result of the measurements: what fits, the test card, and the address of the board.
#[component]
fn Outcome(settings: Settings, scale: Scale, t: Messages, origin: String) -> impl IntoView {
    let room = settings.room;
    let grids = scale.grids(Shape::Wide);
    let whole = |number: f64| format!("{}", number.round());
    let fits = t.display_setup_fits(&grids.compact.places().to_string(), &grids.preparing.places().to_string());
    let angle = t.display_setup_angle(&whole(room.height(scale.smallest())), &whole(room.minutes(scale.smallest())));
    let board = format!("/display?{}", settings.query());
    let typed = format!("{origin}{board}");
    let larger = settings.larger().filter(|_| !scale.too_far);
    view! {
        <section class="outcome" aria-labelledby="outcome-title">
            <h2 id="outcome-title">{t.display_setup_outcome()}</h2>
            <p class="fits">{fits}</p>
            <p class:warning=scale.too_far>{if scale.too_far { t.display_setup_too_far().to_owned() } else { angle }}</p>
        </section>
        <section class="card" aria-labelledby="card-title">
            <h2 id="card-title">{t.display_setup_question(TEST_NUMBER)}</h2>
            <p class="number test" aria-hidden="true">{TEST_NUMBER}</p>
            <p class="choices">
                <a class="primary" href=board.clone()>{t.display_setup_yes()}</a>
                {larger.map(|settings| view! {
                    <a href=format!("/display/setup?{}#card-title", settings.query())>{t.display_setup_no()}</a>
                })}
            </p>
            <p class="hint">{t.display_setup_keys()}</p>
        </section>
        <section class="elsewhere" aria-labelledby="elsewhere-title">
            <h2 id="elsewhere-title">{t.display_setup_elsewhere()}</h2>
            <QrImage address=typed.clone() label=t.display_setup_elsewhere() />
            <p class="address"><bdi>{typed}</bdi></p>
        </section>
    }
}
