//! The size of the numbers, from the size of the screen and the distance of the readers.
//!
//! The board is laid out for 1920 x 1080 points, or 1080 x 1920 on an upright screen, and the style sheet scales it to
//! the screen. ISO 9241-3 requires digits of at least 16 minutes of arc and prefers 20 to 22.

use std::f64::consts::PI;

/// The height of a digit, relative to the font size.
const DIGIT_HEIGHT: f64 = 0.668;
/// The width of a digit, relative to the font size.
const DIGIT_WIDTH: f64 = 0.632;
/// The width of three digits, relative to the font size.
const DIGITS_WIDTH: f64 = 3.0 * DIGIT_WIDTH;
/// The height of the smallest digit for the farthest reader, in minutes of arc: 20, with a margin.
const WANTED_MINUTES: f64 = 21.0;
/// The font size of the smallest numbers at scale 1, in points.
const SMALLEST: f64 = 96.0;
/// The largest scale that leaves room for the layout.
const LARGEST_FACTOR: f64 = 3.0;

/// A screen and its distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// The diagonal, in inches.
    pub inches: f64,
    /// The distance of the farthest reader, in metres.
    pub metres: f64,
}

impl Default for Room {
    /// The most common screen and distance.
    fn default() -> Self {
        Self { inches: 43.0, metres: 5.0 }
    }
}

impl Room {
    /// The size of a point on a 16:9 screen, in millimetres.
    fn point(self) -> f64 {
        self.inches * 25.4 * 0.4903 / 1080.0
    }

    /// The font size in points at which a digit has this height in minutes of arc.
    pub fn size_for(self, minutes: f64) -> f64 {
        (minutes / 60.0 * PI / 180.0).tan() * self.metres * 1000.0 / self.point() / DIGIT_HEIGHT
    }

    /// The height of a digit at this font size, in millimetres.
    pub fn height(self, size: f64) -> f64 {
        size * DIGIT_HEIGHT * self.point()
    }

    /// The height of a digit at this font size, in minutes of arc.
    pub fn minutes(self, size: f64) -> f64 {
        (self.height(size) / (self.metres * 1000.0)).atan() * 180.0 / PI * 60.0
    }

    /// The required scale, relative to the most common screen and distance.
    fn wanted_factor(self) -> f64 {
        self.size_for(WANTED_MINUTES) / SMALLEST
    }
}

/// The scale of the board.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The factor, at least 1.
    pub factor: f64,
    /// Whether even the largest scale is too small for the farthest reader.
    pub too_far: bool,
}

impl Scale {
    /// The scale for a room, enlarged by this many steps of the test card.
    pub fn of(room: Room, larger: u8) -> Self {
        let wanted = room.wanted_factor().max(1.0) * (1.0 + 0.15 * f64::from(larger));
        // Two decimals are precise enough, and keep the style sheet short.
        let factor = (wanted.min(LARGEST_FACTOR) * 100.0).ceil() / 100.0;
        Self { factor, too_far: wanted > LARGEST_FACTOR }
    }

    /// The font size of the smallest numbers, in points.
    pub fn smallest(self) -> f64 {
        SMALLEST * self.factor
    }

    /// The height of the strip below the ready numbers, in points.
    pub fn strip(self) -> f64 {
        (150.0 + self.smallest()).max(292.0)
    }

    /// The grids of a screen of this shape.
    pub fn grids(self, shape: Shape) -> Grids {
        let f = self.factor;
        let area = shape.area(self.strip());
        let tile = |size: f64, columns, rows, gap: f64| {
            let cell = (size * f * DIGITS_WIDTH + 24.0, size * f * 0.8 + 16.0);
            Grid::fitting(area.ready, cell, (gap, gap), columns, rows)
        };
        let numbers = |size: f64, columns, rows| {
            let cell = (size * f * DIGITS_WIDTH, size * f);
            Grid::fitting(area.preparing, cell, (20.0, 10.0), columns, rows)
        };
        let (large, compact) = (tile(160.0, 2, 3, 28.0), tile(128.0, 3, 4, 20.0));
        let (columns, rows) = area.preparing_most;
        let (roomy_columns, roomy_rows) = area.roomy_most;
        Grids {
            large: if large.places() < compact.places() { large } else { compact },
            compact,
            roomy: numbers(128.0, roomy_columns, roomy_rows),
            preparing: numbers(SMALLEST, columns, rows),
            left: Grid::fitting(area.left, (SMALLEST * f * DIGITS_WIDTH, SMALLEST * f), (20.0, 0.0), 4, 1),
        }
    }

    /// The relative font size at which four digits fit into a column for three, at most 1, for each grid. Numbers have
    /// four digits only while all numbers with three are in use.
    pub fn four_digits(self, shape: Shape) -> FourDigits {
        let (area, grids) = (shape.area(self.strip()), self.grids(shape));
        let share = |room: f64, Grid(columns, _): Grid, size: f64, gap: f64, edge: f64| {
            let columns = columns as f64;
            let column = (room - gap * (columns - 1.0)) / columns - edge;
            (column / (size * self.factor * 4.0 * DIGIT_WIDTH) * 100.0).floor().min(100.0) / 100.0
        };
        FourDigits {
            large: share(area.ready.0, grids.large, 160.0, 28.0, 24.0),
            compact: share(area.ready.0, grids.compact, 128.0, 20.0, 24.0),
            roomy: share(area.preparing.0, grids.roomy, 128.0, 20.0, 16.0),
            preparing: share(area.preparing.0, grids.preparing, SMALLEST, 20.0, 16.0),
            left: share(area.left.0, grids.left, SMALLEST, 20.0, 0.0),
        }
    }
}

/// The relative font size of numbers with four digits, for each grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FourDigits {
    /// Ready, few numbers.
    pub large: f64,
    /// Ready, many numbers.
    pub compact: f64,
    /// In preparation, few numbers.
    pub roomy: f64,
    /// In preparation, many numbers.
    pub preparing: f64,
    /// Not collected.
    pub left: f64,
}

/// The shape of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Landscape.
    Wide,
    /// Portrait.
    Tall,
}

/// The areas that the style sheet has for the numbers, in points, and the largest grids that look well.
struct Area {
    ready: (f64, f64),
    preparing: (f64, f64),
    preparing_most: (usize, usize),
    roomy_most: (usize, usize),
    left: (f64, f64),
}

impl Shape {
    fn area(self, strip: f64) -> Area {
        match self {
            Self::Wide => Area {
                ready: (980.0, 841.0 - strip),
                preparing: (634.0, 864.0),
                preparing_most: (2, 8),
                roomy_most: (2, 5),
                left: (625.0, 100.0),
            },
            Self::Tall => Area {
                ready: (952.0, (1728.0 - strip) * 0.58 - 131.0),
                preparing: (952.0, (1728.0 - strip) * 0.42 - 150.0),
                preparing_most: (4, 4),
                roomy_most: (3, 3),
                left: (600.0, 100.0),
            },
        }
    }
}

/// The number of columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Grid(pub usize, pub usize);

impl Grid {
    fn fitting(area: (f64, f64), cell: (f64, f64), gaps: (f64, f64), columns: usize, rows: usize) -> Self {
        let along = |room: f64, each: f64, gap: f64, most| (((room + gap) / (each + gap)) as usize).clamp(1, most);
        Self(along(area.0, cell.0, gaps.0, columns), along(area.1, cell.1, gaps.1, rows))
    }

    /// The number of cells.
    pub const fn places(self) -> usize {
        self.0 * self.1
    }
}

/// The grids of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Grids {
    /// Ready, few numbers.
    pub large: Grid,
    /// Ready, many numbers.
    pub compact: Grid,
    /// In preparation, few numbers.
    pub roomy: Grid,
    /// In preparation, many numbers.
    pub preparing: Grid,
    /// Not collected.
    pub left: Grid,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [f64; 6] = [24.0, 32.0, 43.0, 55.0, 65.0, 85.0];

    #[test]
    fn the_formula_agrees_with_the_tables_of_ergonomics() {
        // A 43 inch screen at five metres: 84 points for 20 minutes of arc, with digits of 0.70 of the font size.
        let usual = Room::default();
        let as_in_the_table = usual.size_for(20.0) * DIGIT_HEIGHT / 0.70;
        assert!((as_in_the_table - 84.0).abs() < 1.0, "{as_in_the_table}");
        assert!((usual.point() - 0.496).abs() < 0.001);
        for minutes in [16.0, 20.0, 30.0] {
            assert!((usual.minutes(usual.size_for(minutes)) - minutes).abs() < 1e-9);
        }
    }

    #[test]
    fn the_smallest_number_is_readable_or_too_far_is_set() {
        for inches in SIZES {
            for metres in 1..=30 {
                let room = Room { inches, metres: f64::from(metres) };
                let scale = Scale::of(room, 0);
                assert!(scale.too_far || room.minutes(scale.smallest()) >= 20.0, "{room:?}");
            }
        }
    }

    #[test]
    fn the_default_screen_has_the_designed_grids() {
        for shape in [Shape::Wide, Shape::Tall] {
            let grids = Scale::of(Room::default(), 0).grids(shape);
            assert_eq!(
                (grids.large.places(), grids.compact.places(), grids.preparing.places()),
                (6, 12, 16),
                "{shape:?}"
            );
        }
    }

    #[test]
    fn four_digits_fit_into_their_columns() {
        for larger in 0..=5 {
            for metres in [5.0, 8.0, 12.0] {
                let scale = Scale::of(Room { inches: 43.0, metres }, larger);
                for shape in [Shape::Wide, Shape::Tall] {
                    let FourDigits { large, compact, roomy, preparing, left } = scale.four_digits(shape);
                    assert!([large, compact, roomy, preparing, left].iter().all(|share| (0.4..=1.0).contains(share)));
                }
            }
        }
        let usual = Scale::of(Room::default(), 0).four_digits(Shape::Wide);
        assert_eq!((usual.large, usual.preparing), (1.0, 1.0), "the default screen has room");
    }

    #[test]
    fn every_grid_has_at_least_one_cell() {
        for larger in 0..=5 {
            for metres in [5.0, 8.0, 12.0, 30.0] {
                let scale = Scale::of(Room { inches: 43.0, metres }, larger);
                for shape in [Shape::Wide, Shape::Tall] {
                    let Grids { large, compact, roomy, preparing, left } = scale.grids(shape);
                    assert!([large, compact, roomy, preparing, left].iter().all(|grid| grid.places() >= 1));
                    assert!(large.places() <= compact.places() && roomy.places() <= preparing.places(), "{scale:?}");
                }
            }
        }
    }
}
