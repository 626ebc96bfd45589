//! Chimes, made of a few tones so that nothing has to be loaded.
//!
//! A browser makes no sound before somebody has touched the page, and may stop at any time. So the page asks before
//! each chime and once a second, and says that it is muted.

use leptos::prelude::*;

/// What a sound says. Each is shorter than a second and a half.
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

/// A tone: hertz, and the tenths of a second at which it begins and ends.
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
    /// 0 to 100; 0 is mute.
    volume: RwSignal<u8>,
    audible: RwSignal<bool>,
    #[cfg(feature = "hydrate")]
    context: StoredValue<Option<wasm_bindgen::JsValue>, LocalStorage>,
}

impl Sound {
    /// A page that can make itself heard after [`Sound::unlock`], at a volume of 0 to 100.
    pub fn new(volume: u8) -> Self {
        Self {
            volume: RwSignal::new(volume.min(100)),
            audible: RwSignal::new(false),
            #[cfg(feature = "hydrate")]
            context: StoredValue::new_local(None),
        }
    }

    /// How loud, 0 to 100.
    pub fn volume(self) -> u8 {
        self.volume.get()
    }

    /// How loud, without following it.
    pub fn volume_now(self) -> u8 {
        self.volume.try_get_untracked().unwrap_or(0)
    }

    /// Sets how loud, 0 to 100; 0 is mute.
    pub fn set_volume(self, volume: u8) {
        self.volume.set(volume.min(100));
        self.check();
    }

    /// Whether a chime would be heard now: unlocked and not mute. True as of the last [`Sound::check`].
    pub fn is_audible(self) -> bool {
        self.audible.get()
    }

    /// Lets the page make sounds. Browsers allow it only while somebody taps or presses a key, so call it there.
    pub fn unlock(self) {
        self.unlock_then(|_| {});
    }

    /// Unlocks the sound and plays a chime as soon as it is: what a tap on "test the sound" does.
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

    /// Asks the browser whether a chime would be heard; the answer is in [`Sound::is_audible`].
    pub fn check(self) -> bool {
        let audible = self.volume_now() > 0 && self.is_running();
        if self.audible.try_get_untracked() != Some(audible) {
            self.audible.try_set(audible);
        }
        audible
    }

    /// Sounds a chime. False when it cannot be heard, and then the page must say so.
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
                // A tone that cannot be made is missing from the chime; the others are still heard.
                _ = context.as_ref().and_then(|context| sound_one(context, *tone, loud));
            }
        });
    }

    #[cfg(not(feature = "hydrate"))]
    const fn sound(self, tones: &[Tone]) {
        let _ = (self, tones);
    }
}

/// One tone, with a soft beginning and a long end, so that it does not click.
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
    fn every_chime_is_its_own_and_over_within_a_second_and_a_half() {
        let all = [Chime::NewOrder, Chime::Ready, Chime::Late, Chime::Cancelled];
        let pitches = |chime: Chime| chime.tones().iter().map(|tone| tone.0).collect::<Vec<_>>();
        for chime in all {
            assert!(chime.tones().iter().all(|(_, from, to)| from < to && *to <= 15), "{chime:?}");
            assert_eq!(all.iter().filter(|other| pitches(**other) == pitches(chime)).count(), 1, "{chime:?}");
        }
        assert!(pitches(Chime::NewOrder).is_sorted() && pitches(Chime::Cancelled).is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn a_page_that_nobody_has_touched_knows_that_it_is_not_heard() {
        let owner = Owner::new();
        owner.set();
        let sound = Sound::new(80);
        assert!(!sound.play(Chime::Ready));
        assert!(!sound.is_audible());
    }
}
