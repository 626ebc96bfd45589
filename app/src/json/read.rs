//! The implementations of [`FromJson`].

use domain::{
    BaristaId, BaristaName, CancelReason, Drink, DrinkOrder, Ending, Language, Menu, ModifierGroup, OrderId,
    OrderNumber, PauseReason, Refusal, ShopState, SoldOut, Timestamp,
    estimate::{Delay, WaitRange},
    live::{Change, Resume, ServerFrame, Topic, TopicState},
    menu::{MenuRefusal, MenuWords},
    order::Party,
    past_drinks::PastDrink,
    view::{Lane, OrderView, Outcome, ShopView, Stage, Ticket},
};

use super::{FromJson, Json};
use crate::{
    error::{CommandError, Failed, Invalid},
    loaders::{BaristaPageData, MenuPageData, OrderPageData, Snapshot},
    preferences::DisplayPreferences,
};

impl FromJson for String {
    fn from_json(json: &Json) -> Option<Self> {
        json.text()
    }
}

impl FromJson for bool {
    fn from_json(json: &Json) -> Option<Self> {
        json.boolean()
    }
}

/// Whole numbers. The server writes none that a browser's numbers could not hold.
macro_rules! whole_numbers {
    ($($name:ty),+) => {
        $(impl FromJson for $name {
            fn from_json(json: &Json) -> Option<Self> {
                json.number().map(|number| number as Self)
            }
        })+
    };
}

whole_numbers!(u8, u32, u64, i64, usize);

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: &Json) -> Option<Self> {
        if json.is_null() { Some(None) } else { T::from_json(json).map(Some) }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: &Json) -> Option<Self> {
        json.items()?.iter().map(T::from_json).collect()
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn from_json(json: &Json) -> Option<Self> {
        T::from_json(json).map(Self::new)
    }
}

impl<A: FromJson, B: FromJson> FromJson for (A, B) {
    fn from_json(json: &Json) -> Option<Self> {
        let items = json.items()?;
        let [first, second] = items.as_slice() else { return None };
        Some((A::from_json(first)?, B::from_json(second)?))
    }
}

/// Structs whose members have the same names in JSON. Those after `or default` may be missing.
macro_rules! objects {
    ($($name:ident { $($member:ident),+ $(; or default $($missing:ident),+)? })+) => {
        $(impl FromJson for $name {
            fn from_json(json: &Json) -> Option<Self> {
                Some(Self {
                    $($member: json.member(stringify!($member))?,)+
                    $($($missing: json.member_or_default(stringify!($missing))?,)+)?
                })
            }
        })+
    };
}

objects! {
    Drink { drink, icon, available; or default description, modifiers }
    DrinkOrder { drink, modifiers, icon; or default special }
    Failed { path, error }
    DisplayPreferences { theme, left_handed, keys, volume }
    MenuPageData { now, key, menu, menu_words, shop, past, order }
    OrderPageData { now, shop, order, menu_words }
    OrderView { id, stage, number, drink, ahead, wait, delay, started_at, choose_by, ready_at; or default extendable }
    PastDrink { drink, available }
    Resume { epoch, seq }
    ShopView { name, state, in_queue, wait; or default sold_out, menu }
    Snapshot { topic, state, position }
    Ticket { id, number, drink, lane, waiting_since, make_by, ready_at; or default walk_in, recalled }
    WaitRange { from, to }
}

impl FromJson for BaristaPageData {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self {
            now: json.member("now")?,
            me: json.member("me")?,
            shop: json.member("shop")?,
            queue: json.member("queue")?,
            menu: json.member("menu")?,
            skipped: json.member("skipped")?,
            past: json.member("past")?,
            key: json.member("key")?,
            preferences: json.member("look")?,
        })
    }
}

impl FromJson for SoldOut {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self { drinks: json.member_or_default("drinks")?, modifiers: json.member_or_default("modifiers")? })
    }
}

impl FromJson for ModifierGroup {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self {
            name: json.member("Name")?,
            options: json.member("Options")?,
            default: json.member("Default")?,
            sold_out: json.member_or_default("SoldOut")?,
        })
    }
}

impl FromJson for Menu {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self { drinks: Vec::from_json(json)? })
    }
}

impl FromJson for MenuWords {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self::new(json.member("own")?, json.member("from")?, json.member("to")?))
    }
}

impl FromJson for Timestamp {
    fn from_json(json: &Json) -> Option<Self> {
        i64::from_json(json).map(Self)
    }
}

impl FromJson for OrderNumber {
    fn from_json(json: &Json) -> Option<Self> {
        u32::from_json(json).map(Self)
    }
}

/// Newtypes of checked text.
macro_rules! names {
    ($($name:ty),+) => {
        $(impl FromJson for $name {
            fn from_json(json: &Json) -> Option<Self> {
                Self::try_from(json.text()?).ok()
            }
        })+
    };
}

names!(OrderId, BaristaId, BaristaName, Language, Topic, CancelReason, PauseReason);

/// Does not compile when a variant is missing, so that a new variant is also read here.
macro_rules! all_variants {
    ($name:ident { $($variant:ident),+ }) => {
        const _: fn(&$name) = |value| match value {
            $($name::$variant { .. } => (),)+
        };
    };
}

/// Enums with an internal tag.
macro_rules! enums {
    ($($name:ident($tag:literal) {
        $($text:literal => $variant:ident $({ $($member:ident),+ })?,)+
    })+) => {
        $(all_variants!($name { $($variant),+ });

        impl FromJson for $name {
            fn from_json(json: &Json) -> Option<Self> {
                Some(match &*json.member::<String>($tag)? {
                    $($text => Self::$variant $({ $($member: json.member(stringify!($member))?),+ })?,)+
                    _ => return None,
                })
            }
        })+
    };
}

all_variants!(Ending { Collected, Uncollected, CancelledByCustomer, CancelledByBarista, TimedOut, Refused });

impl<Barista: FromJson> FromJson for Ending<Barista> {
    fn from_json(json: &Json) -> Option<Self> {
        Some(match &*json.member::<String>("ending")? {
            "collected" => Self::Collected,
            "uncollected" => Self::Uncollected,
            "cancelledByCustomer" => Self::CancelledByCustomer,
            "cancelledByBarista" => {
                Self::CancelledByBarista { barista: json.member("barista")?, reason: json.member("reason")? }
            }
            "timedOut" => Self::TimedOut { who: json.member("who")? },
            "refused" => Self::Refused { reason: json.member("reason")? },
            _ => return None,
        })
    }
}

enums! {
    Lane("lane") {
        "upNext" => UpNext,
        "making" => Making { barista },
        "finishing" => Finishing { barista, ready_due },
        "handOver" => HandOver { since },
        "ended" => Ended { ending, at },
    }
    MenuRefusal("why") {
        "noDrink" => NoDrink,
        "unknownDrink" => UnknownDrink { drink },
        "drinkSoldOut" => DrinkSoldOut { drink },
        "unknownModifier" => UnknownModifier { drink, modifier },
        "modifierSoldOut" => ModifierSoldOut { modifier },
        "onlyOne" => OnlyOne { group },
    }
    Outcome("outcome") {
        "collected" => Collected,
        "uncollected" => Uncollected,
        "cancelledByYou" => CancelledByYou,
        "cancelledByBar" => CancelledByBar { reason },
        "timedOut" => TimedOut { who },
        "refused" => Refused { reason },
    }
    ServerFrame("frame") {
        "snapshot" => Snapshot { topic, epoch, seq, state },
        "resumed" => Resumed { topic, epoch, seq, head },
        "delta" => Delta { topic, seq, change },
        "heartbeat" => Heartbeat { now },
        "denied" => Denied { topic },
        "bye" => Bye { retry_in_ms },
    }
    ShopState("state") {
        "open" => Open,
        "paused" => Paused { reason, until },
        "closed" => Closed,
    }
    Stage("stage") {
        "choosing" => Choosing,
        "submitted" => Submitted,
        "waiting" => Waiting,
        "making" => Making,
        "ready" => Ready,
        "ended" => Ended { outcome },
    }
}

/// Enums that are a string.
macro_rules! texts {
    ($($name:ident { $($text:literal => $variant:ident),+ })+) => {
        $(all_variants!($name { $($variant),+ });

        impl FromJson for $name {
            fn from_json(json: &Json) -> Option<Self> {
                match &*json.text()? {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        })+
    };
}

texts! {
    Invalid {
        "form" => Form,
        "whichOrder" => WhichOrder,
        "whichItem" => WhichItem,
        "notOnTheMenu" => NotOnTheMenu,
        "outOfDate" => OutOfDate,
        "reasonMissing" => ReasonMissing,
        "reasonLong" => ReasonLong,
        "shopState" => ShopState,
        "pauseLong" => PauseLong,
        "look" => Preference,
        "tooLarge" => TooLarge,
        "tooSlow" => TooSlow,
        "otherPage" => OtherPage,
        "unknownHost" => UnknownHost
    }
    Delay { "moreBefore" => MoreBefore, "fewerBaristas" => FewerBaristas, "slower" => Slower }
    Party { "customer" => Customer, "barista" => Barista }
}

all_variants!(Refusal {
    NotFound,
    Menu,
    OneAtATime,
    Closed,
    Paused,
    StaffOnly,
    CustomerOnly,
    NotPlaced,
    OnItsWay,
    NoMoreTime,
    AlreadyPlaced,
    BeingMade,
    NotClaimed,
    AlreadyMade,
    AlreadyReady,
    NotReady,
    NothingToUndo,
    AlreadyEnded
});

impl FromJson for Refusal {
    fn from_json(json: &Json) -> Option<Self> {
        Some(match &*json.member::<String>("refusal")? {
            "notFound" => Self::NotFound,
            "menu" => Self::Menu(MenuRefusal::from_json(json)?),
            "oneAtATime" => Self::OneAtATime,
            "closed" => Self::Closed,
            "paused" => Self::Paused { reason: json.member("reason")? },
            "staffOnly" => Self::StaffOnly,
            "customerOnly" => Self::CustomerOnly,
            "notPlaced" => Self::NotPlaced,
            "onItsWay" => Self::OnItsWay,
            "noMoreTime" => Self::NoMoreTime,
            "alreadyPlaced" => Self::AlreadyPlaced,
            "beingMade" => Self::BeingMade { barista: json.member("barista")? },
            "notClaimed" => Self::NotClaimed,
            "alreadyMade" => Self::AlreadyMade { barista: json.member("barista")? },
            "alreadyReady" => Self::AlreadyReady,
            "notReady" => Self::NotReady,
            "nothingToUndo" => Self::NothingToUndo,
            "alreadyEnded" => Self::AlreadyEnded { ending: Ending::from_json(json)? },
            _ => return None,
        })
    }
}

all_variants!(CommandError { Refused, StaffOnly, CookiesBlocked, Invalid, TooMany, Unavailable, Offline });

impl FromJson for CommandError {
    fn from_json(json: &Json) -> Option<Self> {
        Some(match &*json.member::<String>("error")? {
            "refused" => Self::Refused(json.member("detail")?),
            "staffOnly" => Self::StaffOnly,
            "cookiesBlocked" => Self::CookiesBlocked,
            "invalid" => Self::Invalid(json.member("detail")?),
            "tooMany" => Self::TooMany(json.member("detail")?),
            "unavailable" => Self::Unavailable,
            "offline" => Self::Offline,
            _ => return None,
        })
    }
}

all_variants!(TopicState { Board, Queue, Shop, Order });

/// The board is missing: only the scripts of the display read it.
impl FromJson for TopicState {
    fn from_json(json: &Json) -> Option<Self> {
        Some(match &*json.member::<String>("of")? {
            "queue" => Self::Queue(json.member("is")?),
            "shop" => Self::Shop(json.member("is")?),
            "order" => Self::Order(json.member("is")?),
            _ => return None,
        })
    }
}

all_variants!(Change { BoardPut, BoardRemove, TicketPut, TicketRemove, Shop, Order });

/// The board is missing: only the scripts of the display read it.
impl FromJson for Change {
    fn from_json(json: &Json) -> Option<Self> {
        Some(match &*json.member::<String>("change")? {
            "ticketPut" => Self::TicketPut(json.member("to")?),
            "ticketRemove" => Self::TicketRemove(json.member("to")?),
            "shop" => Self::Shop(json.member("to")?),
            "order" => Self::Order(json.member("to")?),
            _ => return None,
        })
    }
}
