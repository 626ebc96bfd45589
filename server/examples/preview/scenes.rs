//! What the pages show in each scene.

use domain::{
    BaristaId, DrinkOrder, Ending, OrderId, OrderNumber, ShopState, Timestamp,
    estimate::WaitRange,
    order::Party,
    view::{BoardEntry, Column, Lane, OrderView, Outcome, ShopView, Stage, Ticket},
};

pub(super) const SCENES: [&str; 25] = [
    "menu",
    "busy",
    "paused",
    "closed",
    "stranger",
    "choosing",
    "submitted",
    "waiting",
    "next",
    "making",
    "ready",
    "collected",
    "uncollected",
    "cancelled",
    "cancelled-by-bar",
    "timed-out-choosing",
    "timed-out-waiting",
    "refused-full",
    "refused-closed",
    "lost",
    "one-at-a-time",
    "quiet",
    "rush",
    "silent",
    "down",
];

/// The made-up content at a time.
pub(super) struct Scenes {
    pub(super) now: Timestamp,
}

impl Scenes {
    fn ago(&self, seconds: i64) -> Timestamp {
        self.now.plus_millis(-1_000 * seconds)
    }

    pub(super) fn order(&self, scene: &str) -> Option<OrderView> {
        let ended = |outcome| Some(Stage::Ended { outcome });
        let stage = match scene {
            "choosing" => Some(Stage::Choosing),
            "submitted" => Some(Stage::Submitted),
            "waiting" | "next" | "one-at-a-time" => Some(Stage::Waiting),
            "making" | "silent" => Some(Stage::Making),
            "ready" => Some(Stage::Ready),
            "collected" => ended(Outcome::Collected),
            "uncollected" => ended(Outcome::Uncollected),
            "cancelled" => ended(Outcome::CancelledByYou),
            "cancelled-by-bar" => ended(Outcome::CancelledByBar { reason: "sold_out".into() }),
            "timed-out-choosing" => ended(Outcome::TimedOut { who: Party::Customer }),
            "timed-out-waiting" => ended(Outcome::TimedOut { who: Party::Barista }),
            "refused-full" => ended(Outcome::Refused { reason: "full".to_owned() }),
            "refused-closed" => ended(Outcome::Refused { reason: "closed".to_owned() }),
            _ => None,
        }?;
        let chosen = stage != Stage::Choosing;
        Some(OrderView {
            id: OrderId::try_from("an-order").ok()?,
            number: (chosen && stage != Stage::Submitted).then_some(OrderNumber(47)),
            drink: chosen.then(|| latte(&["Large", "Oat milk", "Vanilla"], &["Large", "Oat milk", "Vanilla"])),
            ahead: (stage == Stage::Waiting).then_some(if scene == "next" { 0 } else { 7 }),
            started_at: Some(self.ago(60)),
            wait: (stage == Stage::Waiting).then_some(WaitRange { from: 6, to: 9 }),
            delay: None,
            choose_by: (!chosen).then(|| self.now.plus_millis(247_000)),
            extendable: !chosen,
            ready_at: None,
            stage,
        })
    }

    pub(super) fn queue(&self, scene: &str, me: &BaristaId) -> Vec<Ticket> {
        if matches!(scene, "quiet" | "closed") {
            return Vec::new();
        }
        let ben = BaristaId::new("Ben", "t2").unwrap_or_else(|_| me.clone());
        let plain = |name: &str, icon: &str| DrinkOrder {
            drink: name.into(),
            modifiers: vec![],
            special: vec![],
            icon: icon.into(),
        };
        let with = |name: &str, icon: &str, special: &[&str]| DrinkOrder {
            special: special.iter().map(|s| (*s).into()).collect(),
            ..plain(name, icon)
        };
        let up_next = [
            (41, with("Flat White", "flat-white", &["Oat milk"]), 402),
            (42, with("Cappuccino", "cappuccino", &["Large", "Extra shot", "Vanilla"]), 250),
            (43, plain("Espresso", "espresso"), 195),
            (44, with("Latte", "latte", &["Soy milk"]), 100),
            (45, plain("Filter Coffee", "filter"), 62),
            (46, with("Hot Chocolate", "hot-chocolate", &["Marshmallows"]), 40),
            (47, with("Latte", "latte", &["Large", "Oat milk", "Vanilla"]), 12),
        ];
        let mut tickets: Vec<(u32, DrinkOrder, i64, Lane)> =
            up_next.into_iter().map(|(n, d, age)| (n, d, age, Lane::UpNext)).collect();
        tickets.push((38, plain("Cortado", "cortado"), 260, Lane::Making { barista: me.clone() }));
        tickets.push((39, with("Mocha", "mocha", &["Oat milk"]), 200, Lane::Making { barista: ben }));
        let due = self.now.plus_millis(3_500);
        tickets.push((
            37,
            with("Latte", "latte", &["Oat milk"]),
            280,
            Lane::Finishing { barista: me.clone(), ready_due: due },
        ));
        tickets.push((35, plain("Americano", "americano"), 420, Lane::HandOver { since: self.ago(130) }));
        tickets.push((36, with("Tea", "tea", &["Lemon"]), 380, Lane::HandOver { since: self.ago(45) }));
        tickets.push((
            40,
            plain("Latte", "latte"),
            90,
            Lane::Ended { ending: Ending::CancelledByCustomer, at: self.ago(20) },
        ));
        if scene == "rush" {
            let more = (48..64).map(|n| (n, plain("Latte", "latte"), 10, Lane::UpNext));
            tickets.extend(more);
        }
        let ticket = |(number, drink, age, lane): (u32, DrinkOrder, i64, Lane)| {
            let id = OrderId::try_from(format!("o{number}")).ok()?;
            let (number, waiting_since) = (Some(OrderNumber(number)), Some(self.ago(age)));
            Some(Ticket {
                id,
                number,
                drink: Some(drink),
                lane,
                waiting_since,
                make_by: None,
                walk_in: false,
                recalled: false,
                ready_at: None,
            })
        };
        tickets.into_iter().filter_map(ticket).collect()
    }

    pub(super) fn board(&self, scene: &str) -> Vec<BoardEntry> {
        let (preparing, ready, left): (u32, u32, u32) = match scene {
            "quiet" | "closed" => (0, 0, 0),
            "busy" => (9, 8, 2),
            "rush" => (20, 20, 3),
            "waiting" => (4, 0, 0),
            _ => (5, 4, 0),
        };
        let entry =
            |number: u32, column, seconds| BoardEntry { number: OrderNumber(number), column, since: self.ago(seconds) };
        let late = (0..left).map(|n| entry(11 + n, Column::Ready, 400));
        let ready = (0..ready).map(|n| entry(20 + n, Column::Ready, i64::from((ready - n) * 11) - 9));
        let preparing = (0..preparing).map(|n| entry(41 + n, Column::Preparing, 300 - i64::from(n) * 20));
        late.chain(ready).chain(preparing).collect()
    }

    pub(super) fn shop(scene: &str) -> ShopView {
        let state = match scene {
            "paused" => ShopState::Paused { reason: "machine".into(), until: None },
            "closed" => ShopState::Closed,
            _ => ShopState::Open,
        };
        ShopView {
            name: "Doppio".to_owned(),
            state,
            in_queue: if scene == "menu" { 0 } else { 9 },
            wait: (scene != "menu").then_some(WaitRange { from: 6, to: 9 }),
            sold_out: domain::SoldOut::default(),
            menu: 0,
        }
    }
}

fn latte(modifiers: &[&str], special: &[&str]) -> DrinkOrder {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    DrinkOrder { drink: "Latte".to_owned(), modifiers: own(modifiers), special: own(special), icon: "latte".to_owned() }
}
