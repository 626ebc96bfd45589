//! Drawings as data URLs, for those that must be there with the page.

/// The data URL of a drawing. `None` for an unknown name.
pub(super) fn inline(name: &str) -> Option<String> {
    let svg = match name {
        "americano" => include_str!("../../../public/drinks/americano.svg"),
        "cappuccino" => include_str!("../../../public/drinks/cappuccino.svg"),
        "chai" => include_str!("../../../public/drinks/chai.svg"),
        "cold-brew" => include_str!("../../../public/drinks/cold-brew.svg"),
        "cortado" => include_str!("../../../public/drinks/cortado.svg"),
        "cup" => include_str!("../../../public/drinks/cup.svg"),
        "espresso" => include_str!("../../../public/drinks/espresso.svg"),
        "filter" => include_str!("../../../public/drinks/filter.svg"),
        "flat-white" => include_str!("../../../public/drinks/flat-white.svg"),
        "hot-chocolate" => include_str!("../../../public/drinks/hot-chocolate.svg"),
        "latte" => include_str!("../../../public/drinks/latte.svg"),
        "macchiato" => include_str!("../../../public/drinks/macchiato.svg"),
        "matcha" => include_str!("../../../public/drinks/matcha.svg"),
        "mocha" => include_str!("../../../public/drinks/mocha.svg"),
        "tea" => include_str!("../../../public/drinks/tea.svg"),
        "water" => include_str!("../../../public/drinks/water.svg"),
        _ => return None,
    };
    let mut address = "data:image/svg+xml,".to_owned();
    for char in svg.trim().chars() {
        match char {
            '"' => address.push('\''),
            '%' => address.push_str("%25"),
            '#' => address.push_str("%23"),
            '<' => address.push_str("%3C"),
            '>' => address.push_str("%3E"),
            '\n' => address.push(' '),
            other => address.push(other),
        }
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::{super::icon::DRAWINGS, inline};

    #[test]
    fn every_drawing_is_a_valid_data_url() {
        for name in DRAWINGS {
            let address = inline(name).unwrap();
            assert!(address.starts_with("data:image/svg+xml,%3Csvg"), "{name}");
            assert!(address.ends_with("%3C/svg%3E"), "{name}");
            assert!(!address.contains(['"', '#', '\n']), "{name}");
        }
        assert_eq!(inline("teapot"), None);
    }
}
