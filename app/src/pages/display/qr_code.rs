//! QR codes as SVG.

use std::{fmt::Write as _, net::IpAddr};

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

/// The width of the quiet zone, in modules.
const QUIET_ZONE: i32 = 4;

/// Whether a phone cannot open the address, because it is a loopback or unspecified address.
pub(super) fn is_unreachable(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(literal) => literal.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default().to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(address) => address.is_loopback() || address.is_unspecified(),
        Err(_) => host.is_empty() || host == "localhost" || host.ends_with(".localhost"),
    }
}

/// The QR code of an address. Nothing for an address that a phone cannot open.
#[component]
pub(super) fn QrImage(
    /// The address.
    address: String,
    /// The accessible name.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let drawn = if is_unreachable(&address) { None } else { drawing(&address) };
    drawn.map(|(size, path)| {
        let whole = size + 2 * QUIET_ZONE;
        view! {
            <svg class="code" viewBox=format!("0 0 {whole} {whole}") role="img" aria-label=label shape-rendering="crispEdges">
                <rect width=whole height=whole rx="2" fill="#f6ede1" />
                <path d=path fill="#17110e" />
            </svg>
        }
    })
}

/// The number of modules in a row, and a path over the dark ones. `None` for an address that is too long for a QR code.
fn drawing(address: &str) -> Option<(i32, String)> {
    let code = QrCode::encode_text(address, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let begin = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            if x > begin {
                let _ = write!(path, "M{} {}h{}v1h-{}z", begin + QUIET_ZONE, y + QUIET_ZONE, x - begin, x - begin);
            }
            x += 1;
        }
    }
    Some((code.size(), path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses_are_unreachable() {
        for own in [
            "http://127.0.0.1:3000/",
            "http://127.1.2.3",
            "http://localhost:3000/display/mine",
            "http://bar.localhost",
            "http://LOCALHOST.",
            "http://[::1]:3000/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0:3000/",
            "http://[::]:3000",
            "http://",
            "http://:3000/",
        ] {
            assert!(is_unreachable(own), "{own}");
        }
        for other in [
            "http://192.168.1.7:3000/",
            "https://coffee.example",
            "http://localhost.example/",
            "http://127.example/",
            "http://[2001:db8::1]:3000/",
            "http://bar.local:3000/?x=localhost",
        ] {
            assert!(!is_unreachable(other), "{other}");
        }
    }

    #[test]
    fn the_drawing_has_exactly_the_dark_modules_of_the_code() {
        let address = "https://coffee.example/";
        let (size, path) = drawing(address).unwrap();
        let code = QrCode::encode_text(address, QrCodeEcc::Medium).unwrap();
        let mut drawn = 0;
        for run in path.split('M').skip(1) {
            let (corner, rest) = run.split_once('h').unwrap();
            let (x, y) = corner.split_once(' ').unwrap();
            let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
            let wide: i32 = rest.split('v').next().unwrap().parse().unwrap();
            assert!((0..wide).all(|step| code.get_module(x - QUIET_ZONE + step, y - QUIET_ZONE)));
            drawn += wide;
        }
        let dark = (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y));
        assert_eq!(drawn, i32::try_from(dark.count()).unwrap());
    }
}
