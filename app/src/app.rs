//! The list of pages.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    components::provide_title,
    live,
    pages::{barista::BaristaPage, customer::MenuPage, display::DisplayPage, lost::LostPage, order::OrderPage},
};

/// All pages. Each is rendered whole before it is sent (`SsrMode::Async`), so that it is complete without JavaScript.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    live::provide();
    view! {
        {provide_title()}
        <Router>
            <Routes fallback=LostPage>
                <Route path=path!("/") view=MenuPage ssr=SsrMode::Async />
                <Route path=path!("/orders/:id") view=OrderPage ssr=SsrMode::Async />
                <Route path=path!("/barista") view=BaristaPage ssr=SsrMode::Async />
                <Route path=path!("/display") view=DisplayPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
