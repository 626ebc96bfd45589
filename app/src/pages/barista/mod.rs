//! `/barista`: the queue, on a tablet at the bar.

mod bar;
mod card;
mod desk;
mod lanes;
mod undo;

use leptos::prelude::*;

use self::{bar::TopBar, desk::Desk, lanes::Lanes, undo::UndoBar};
use crate::{
    components::{Alert, LineBanner, Mark, NoScriptRefresh, Trouble, set_title},
    error::CommandError,
    live::use_live,
    reads::{BarData, read_bar},
};

/// The queue, or a page that says to open the staff link.
#[component]
pub(crate) fn BaristaPage() -> impl IntoView {
    let data = Resource::new_blocking(|| (), |()| read_bar());
    view! {
        <Suspense fallback=|| view! { <main class="page waiting" aria-busy="true"></main> }>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(data) => view! { <BarView data=data /> }.into_any(),
                    Err(CommandError::StaffOnly) => view! { <SignIn /> }.into_any(),
                    Err(error) => view! { <Trouble error=error link="/barista" /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn SignIn() -> impl IntoView {
    set_title(|| "Bar · sign in".to_owned());
    view! {
        <main class="page trouble">
            <Mark />
            <h1>"This page is for the bar"</h1>
            <p>"Open the staff link on this tablet. The server printed it when it started; whoever started it can send it to you."</p>
            <p>"You have to open it only once; this browser remembers."</p>
            <p><a class="button primary" href="/" rel="external">"I'm a guest: go to the menu"</a></p>
        </main>
    }
}

#[component]
fn BarView(data: BarData) -> impl IntoView {
    let live = use_live();
    live.clock.set(data.now);
    let shop = live.shop(data.shop);
    let queue = live.queue(data.queue);
    let desk = Desk::new(data.me, queue);
    provide_context(desk);
    set_title(move || format!("{} waiting · Bar", desk.waiting()));
    view! {
        <NoScriptRefresh seconds=10 />
        <div class="bar-page">
            <TopBar shop=shop />
            <LineBanner advice="Cards may be missing, and taps do not arrive. We keep trying." />
            <Alert words=desk.trouble() />
            <Lanes />
            <UndoBar />
            <Announcement />
        </div>
    }
}

/// Tells a screen reader how many orders have come, at most every ten seconds.
#[component]
fn Announcement() -> impl IntoView {
    let live = use_live();
    let desk = expect_context::<Desk>();
    let said = RwSignal::new(String::new());
    let told = StoredValue::new((desk.waiting_untracked(), 0_i64));
    Effect::new(move |_| {
        let (waiting, now) = (desk.waiting(), live.clock.now().0);
        let (before, at) = told.get_value();
        if waiting <= before {
            told.set_value((waiting, at));
        } else if now - at >= 10_000 {
            let many = waiting - before;
            said.set(if many == 1 { "1 new order".to_owned() } else { format!("{many} new orders") });
            told.set_value((waiting, now));
        }
    });
    view! { <p class="visually-hidden" role="status">{said}</p> }
}
