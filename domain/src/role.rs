//! Roles: what a browser is to the bar, and what it may therefore read and do.

use crate::{id::BaristaId, live::Topic};

/// The role of a browser.
///
/// Which orders it may act on, and how, is decided for its [`Actor`](crate::Actor) by [`Order::decide`](crate::Order).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Orders drinks. Every browser that has not signed in.
    Guest,
    /// Makes drinks, after opening the staff link.
    Barista(BaristaId),
    /// Shows the board and nothing else. No browser can get this role yet.
    Display,
    /// Runs the bar, and may do whatever a barista may. No browser can get this role yet.
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

    /// The person at the bar. `None` for a role that may not give the commands of the bar.
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
