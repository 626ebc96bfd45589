//! Roles: what a browser may read and do.

use crate::{id::BaristaId, live::Topic};

/// The role of a browser.
///
/// What a role may do with an order is decided for its [`Actor`](crate::Actor) by
/// [`Order::decide`](crate::Order::decide).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A browser that has not signed in. It may order drinks.
    Guest,
    /// A browser that has signed in with the staff link. It may give the commands of the bar.
    Barista(BaristaId),
    /// A screen that shows the board. No browser can get this role yet.
    Display,
    /// May give the commands of the bar. No browser can get this role yet.
    Manager(BaristaId),
}

impl Role {
    /// The name of the role, for logs and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Barista(_) => "barista",
            Self::Display => "display",
            Self::Manager(_) => "manager",
        }
    }

    /// The person who gives the commands of the bar. `None` for a role that may not give them.
    #[must_use]
    pub const fn staff(&self) -> Option<&BaristaId> {
        match self {
            Self::Barista(staff) | Self::Manager(staff) => Some(staff),
            Self::Guest | Self::Display => None,
        }
    }

    /// Whether the role may read a topic. An order is also checked against its customer when it is read.
    #[must_use]
    pub const fn may_read(&self, topic: &Topic) -> bool {
        match topic {
            Topic::Board | Topic::Shop => true,
            Topic::Queue => self.staff().is_some(),
            Topic::Order(_) => !matches!(self, Self::Display),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_staff_may_read_the_queue() {
        let ana = BaristaId::new("Ana", "t1").unwrap();
        let staff = [Role::Barista(ana.clone()), Role::Manager(ana)];
        assert!(staff.iter().all(|role| role.may_read(&Topic::Queue) && role.staff().is_some()));
        for role in [Role::Guest, Role::Display] {
            assert!(!role.may_read(&Topic::Queue) && role.staff().is_none(), "{}", role.name());
            assert!(role.may_read(&Topic::Board) && role.may_read(&Topic::Shop), "{}", role.name());
        }
    }
}
