//! Chimes, synthesized from a few tones so that no file has to be loaded.
//!
//! A browser plays no sound before the first touch, and may stop at any time. So the page checks before each chime and
//! once a second, and shows when it is muted.

use leptos::prelude::*;

/// A chime. Each is shorter than 1.5 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chime {
    /// Two rising notes.
    NewOrder,
    /// Three notes.
    Ready,
    /// One low note.
    Late,
    /// Two falling notes.
    Cancelled,
}

/// A tone: the frequency in hertz, and its start and end in tenths of a second.
type Tone = (u16, u8, u8);

impl Chime {
    const fn tones(self) -> &'static [Tone] {
        match self {
            Self::NewOrder => &[(659, 0, 4), (988, 2, 8)],
            Self::Ready => &[(784, 0, 4), (988, 2, 6), (1319, 4, 12)],
            Self::Late => &[(196, 0, 9)],
            Self::Cancelled => &[(659, 0, 4), (440, 3, 9)],
        }
    }
}

/// The sound of a page.
#[derive(Debug, Clone, Copy)]
pub struct Sound {
    /// 0 to 100. 0 is mute.
    volume: RwSignal<u8>,
    audible: RwSignal<bool>,
    #[cfg(feature = "hydrate")]
    context: StoredValue<Option<wasm_bindgen::JsValue>, LocalStorage>,
}

impl Sound {
    /// The sound of a page with a volume of 0 to 100. It can be heard only after [`Sound::unlock`].
    pub fn new(volume: u8) -> Self {
        Self {
            volume: RwSignal::new(volume.min(100)),
            audible: RwSignal::new(false),
            #[cfg(feature = "hydrate")]
            context: StoredValue::new_local(None),
        }
    }

    /// The volume, 0 to 100.
    pub fn volume(self) -> u8 {
        self.volume.get()
    }

    /// The volume, without tracking it.
    pub fn volume_now(self) -> u8 {
        self.volume.try_get_untracked().unwrap_or(0)
    }

    /// Sets the volume, 0 to 100. 0 is mute.
    pub fn set_volume(self, volume: u8) {
        self.volume.set(volume.min(100));
        self.check();
    }

    /// Whether a chime would be heard: unlocked and not mute. As of the last [`Sound::check`].
    pub fn is_audible(self) -> bool {
        self.audible.get()
    }

    /// Allows the page to play sounds. To be called in the handler of a tap or a key, as browsers require.
    pub fn unlock(self) {
        self.unlock_then(|_| {});
    }

    /// Unlocks the sound, then plays a chime.
    pub fn test(self, chime: Chime) {
        self.unlock_then(move |sound| _ = sound.play(chime));
    }

    fn unlock_then(self, then: impl Fn(Self) + Clone + 'static) {
        #[cfg(not(feature = "hydrate"))]
        let _ = then;
        #[cfg(feature = "hydrate")]
        {
            use super::js::{call, make};
            if self.context.with_value(Option::is_none) {
                self.context.set_value(make("AudioContext"));
            }
            self.context.with_value(|context| {
                if let Some(promise) = context.as_ref().and_then(|context| call(context, "resume", &[])) {
                    super::js::wait(&promise, move |_| {
                        self.check();
                        then(self);
                    });
                }
            });
        }
    }

    /// Asks the browser whether a chime would be heard, and updates [`Sound::is_audible`].
    pub fn check(self) -> bool {
        let audible = self.volume_now() > 0 && self.is_running();
        if self.audible.try_get_untracked() != Some(audible) {
            self.audible.try_set(audible);
        }
        audible
    }

    /// Plays a chime. Returns false when it cannot be heard.
    pub fn play(self, chime: Chime) -> bool {
        let heard = self.check();
        if heard {
            self.sound(chime.tones());
        }
        heard
    }

    #[cfg(feature = "hydrate")]
    fn is_running(self) -> bool {
        let state = self.context.try_with_value(|context| super::js::text(context.as_ref()?, "state"));
        state.flatten().as_deref() == Some("running")
    }

    #[cfg(not(feature = "hydrate"))]
    const fn is_running(self) -> bool {
        let _ = self;
        false
    }

    #[cfg(feature = "hydrate")]
    fn sound(self, tones: &[Tone]) {
        let loud = f64::from(self.volume.get_untracked()) / 250.0;
        self.context.with_value(|context| {
            for tone in tones {
                // If a tone fails, the others are still played.
                _ = context.as_ref().and_then(|context| sound_one(context, *tone, loud));
            }
        });
    }

    #[cfg(not(feature = "hydrate"))]
    const fn sound(self, tones: &[Tone]) {
        let _ = (self, tones);
    }
}

/// Plays one tone, with a short attack and a long release to avoid clicks.
#[cfg(feature = "hydrate")]
fn sound_one(context: &wasm_bindgen::JsValue, (hertz, from, to): Tone, loud: f64) -> Option<()> {
    use super::js::{call, get, set};
    let now = get(context, "currentTime")?.as_f64()?;
    let (from, to) = (now + f64::from(from) / 10.0, now + f64::from(to) / 10.0);
    let (tone, gain) = (call(context, "createOscillator", &[])?, call(context, "createGain", &[])?);
    set(&tone, "type", &"triangle".into());
    set(&get(&tone, "frequency")?, "value", &hertz.into());
    let level = get(&gain, "gain")?;
    call(&level, "setValueAtTime", &[0.0.into(), from.into()])?;
    call(&level, "linearRampToValueAtTime", &[loud.into(), (from + 0.02).into()])?;
    call(&level, "linearRampToValueAtTime", &[0.0.into(), to.into()])?;
    call(&tone, "connect", std::slice::from_ref(&gain))?;
    call(&gain, "connect", &[get(context, "destination")?])?;
    call(&tone, "start", &[from.into()])?;
    call(&tone, "stop", &[to.into()])?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chimes_differ_and_take_at_most_a_second_and_a_half() {
        let all = [Chime::NewOrder, Chime::Ready, Chime::Late, Chime::Cancelled];
        let pitches = |chime: Chime| chime.tones().iter().map(|tone| tone.0).collect::<Vec<_>>();
        for chime in all {
            assert!(chime.tones().iter().all(|(_, from, to)| from < to && *to <= 15), "{chime:?}");
            assert_eq!(all.iter().filter(|other| pitches(**other) == pitches(chime)).count(), 1, "{chime:?}");
        }
        assert!(pitches(Chime::NewOrder).is_sorted() && pitches(Chime::Cancelled).is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn a_page_without_a_touch_is_not_audible() {
        let owner = Owner::new();
        owner.set();
        let sound = Sound::new(80);
        assert!(!sound.play(Chime::Ready));
        assert!(!sound.is_audible());
    }
}
