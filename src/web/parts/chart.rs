//! Small charts, drawn here: bars and lines of numbers over days. What they show is told in words and in a table too.

use askama::Template;

/// The drawing is so many units wide and high; it is stretched to the place that it has.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 100.0;
/// How much of its place a bar fills.
const FILLED: f64 = 0.72;

/// What is counted or measured over the days of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// What it is called: `Approved by people`.
    pub name: &'static str,
    /// The class that it is coloured by: `people`.
    pub class: &'static str,
}

/// A number as it is drawn, and as it is told: `10,000+`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figure {
    /// As it is drawn; `None` where there is nothing to draw.
    pub drawn: Option<f64>,
    /// As it is told.
    pub told: String,
}

/// One day, or whatever else stands beside its like.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slot {
    /// What it is called: `24 Nov`.
    pub name: String,
    /// A figure for each series, in their order.
    pub figures: Vec<Figure>,
}

impl Slot {
    fn drawn(&self, series: usize) -> Option<f64> {
        self.figures.get(series).and_then(|figure| figure.drawn)
    }

    /// `24 Nov: approved by people 3, rejected 1`
    fn told(&self, series: &[Series]) -> String {
        let figures = series.iter().zip(&self.figures);
        let each: Vec<_> =
            figures.map(|(one, figure)| format!("{} {}", one.name, figure.told)).collect();
        format!("{}: {}", self.name, each.join(", "))
    }
}

/// How high a chart reaches, and what stands at its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    top: f64,
    /// At the top, in the middle and at the bottom.
    marks: [String; 3],
}

impl Scale {
    /// Reaches the first of `steps` that is not below `most`, told by `tell`; the last one at least.
    #[must_use]
    pub fn of(most: f64, steps: &[f64], tell: impl Fn(f64) -> String) -> Self {
        let step = steps.iter().copied().find(|step| *step >= most);
        let top = step.or(steps.last().copied()).unwrap_or(1.0).max(most);
        Self { top, marks: [tell(top), tell(top / 2.0), tell(0.0)] }
    }

    /// How far down from the top a value is, in units of the drawing.
    fn down(&self, value: f64) -> f64 {
        HEIGHT - (value / self.top).clamp(0.0, 1.0) * HEIGHT
    }
}

/// How its figures are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Those of a slot on top of each other.
    Bars,
    /// Those of a series joined, slot by slot; a slot without one parts the line.
    Lines,
}

/// A chart.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/chart.html")]
pub struct Chart {
    /// What it shows, all in one sentence: whoever does not see it hears this.
    pub label: String,
    /// How its figures are drawn.
    pub shape: Shape,
    /// What is counted or measured.
    pub series: Vec<Series>,
    /// What the slots are: `Day`.
    pub of: &'static str,
    /// The slots, from left to right.
    pub slots: Vec<Slot>,
    /// How high it reaches.
    pub scale: Scale,
}

/// A rectangle, in units of the drawing.
#[derive(Debug, Clone, PartialEq)]
struct Bar {
    class: &'static str,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// The way of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Path {
    class: &'static str,
    way: String,
}

impl Chart {
    /// How wide the place of one slot is.
    fn place(&self) -> f64 {
        WIDTH / f64::from(u32::try_from(self.slots.len().max(1)).unwrap_or(u32::MAX))
    }

    /// Where the place of a slot begins.
    fn left(&self, slot: usize) -> f64 {
        self.place() * f64::from(u32::try_from(slot).unwrap_or(u32::MAX))
    }

    /// The slots with where they begin and what they say to whoever points at them.
    fn pointed_at(&self) -> impl Iterator<Item = (String, String)> {
        let slots = self.slots.iter().enumerate();
        slots.map(|(at, slot)| (units(self.left(at)), slot.told(&self.series)))
    }

    /// The bars, from the bottom up.
    fn bars(&self) -> Vec<Bar> {
        let mut bars = Vec::new();
        for (at, slot) in self.slots.iter().enumerate() {
            let mut below = 0.0;
            for (number, series) in self.series.iter().enumerate() {
                let Some(value) = slot.drawn(number).filter(|value| *value > 0.0) else { continue };
                let y = self.scale.down(below + value);
                bars.push(Bar {
                    class: series.class,
                    x: self.left(at) + self.place() * (1.0 - FILLED) / 2.0,
                    y,
                    width: self.place() * FILLED,
                    height: self.scale.down(below) - y,
                });
                below += value;
            }
        }
        bars
    }

    /// The lines; a slot that stands alone is a dot.
    fn lines(&self) -> Vec<Path> {
        let line = |(number, series): (usize, &Series)| {
            let mut way = Vec::new();
            let mut joined = false;
            for (at, slot) in self.slots.iter().enumerate() {
                let Some(value) = slot.drawn(number) else {
                    joined = false;
                    continue;
                };
                let x = units(self.left(at) + self.place() / 2.0);
                let y = units(self.scale.down(value));
                // A line to where it is already: the round ends of a stroke make a dot of it.
                way.push(if joined { format!("L{x} {y}") } else { format!("M{x} {y}h0") });
                joined = true;
            }
            Path { class: series.class, way: way.concat() }
        };
        self.series.iter().enumerate().map(line).filter(|path| !path.way.is_empty()).collect()
    }

    fn ends(&self) -> Option<(&str, &str)> {
        Some((&self.slots.first()?.name, &self.slots.last()?.name))
    }
}

/// A place in the drawing, to a tenth of a unit.
fn units(value: f64) -> String {
    let tenths = format!("{value:.1}");
    tenths.strip_suffix(".0").unwrap_or(&tenths).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Series; 2] = [
        Series { name: "approved", class: "people" },
        Series { name: "rejected", class: "rejected" },
    ];

    fn figure(drawn: Option<f64>) -> Figure {
        Figure { drawn, told: drawn.map_or_else(|| "none".to_owned(), units) }
    }

    fn chart(shape: Shape, days: &[[Option<f64>; 2]]) -> Chart {
        let slots = days.iter().enumerate().map(|(at, figures)| Slot {
            name: format!("{} Nov", at + 1),
            figures: figures.iter().copied().map(figure).collect(),
        });
        Chart {
            label: "Decisions per day".to_owned(),
            shape,
            series: BOTH.to_vec(),
            of: "Day",
            slots: slots.collect(),
            scale: Scale::of(8.0, &[5.0, 10.0, 20.0], units),
        }
    }

    #[test]
    fn a_scale_reaches_the_next_step_and_never_less_than_there_is() {
        for (most, top, marks) in [
            (0.0, 5.0, ["5", "2.5", "0"]),
            (5.0, 5.0, ["5", "2.5", "0"]),
            (5.1, 10.0, ["10", "5", "0"]),
            (44.0, 44.0, ["44", "22", "0"]),
        ] {
            let scale = Scale::of(most, &[5.0, 10.0], units);

            assert_eq!((scale.top, scale.marks), (top, marks.map(str::to_owned)), "{most}");
        }
    }

    #[test]
    fn bars_stand_on_each_other_and_nothing_has_none() {
        let chart = chart(Shape::Bars, &[[Some(4.0), Some(2.0)], [Some(0.0), None]]);

        let bars = chart.bars();

        let drawn: Vec<_> = bars.iter().map(|bar| (bar.class, bar.y, bar.height)).collect();
        assert_eq!(drawn, [("people", 60.0, 40.0), ("rejected", 40.0, 20.0)]);
        assert!(bars.iter().all(|bar| bar.x > 0.0 && bar.x + bar.width < 300.0), "in its place");
    }

    #[test]
    fn a_line_is_parted_where_there_is_nothing() {
        for (days, way) in [
            (vec![Some(0.0), Some(10.0)], "M150 100h0L450 0"),
            (vec![Some(5.0), None], "M150 50h0"),
            (vec![Some(5.0), None, Some(5.0), Some(99.0)], "M75 50h0M375 50h0L525 0"),
        ] {
            let days: Vec<_> = days.into_iter().map(|day| [day, None]).collect();

            let lines = chart(Shape::Lines, &days).lines();

            assert_eq!(lines, [Path { class: "people", way: way.to_owned() }]);
        }
    }

    #[test]
    fn nothing_at_all_can_be_drawn() {
        let (bars, lines) = (chart(Shape::Bars, &[]), chart(Shape::Lines, &[]));

        assert!(bars.bars().is_empty() && lines.lines().is_empty());
        assert!(!bars.to_string().contains("<rect") && !lines.to_string().contains("class=\"line"));
    }

    #[test]
    fn it_is_a_picture_with_its_words_and_the_same_in_a_table() {
        let drawn = chart(Shape::Bars, &[[Some(4.0), Some(2.0)], [Some(1.0), None]]).to_string();

        assert!(drawn.contains(r#"role="img" aria-label="Decisions per day""#), "{drawn}");
        assert!(drawn.contains("<title>1 Nov: approved 4, rejected 2</title>"), "{drawn}");
        assert!(drawn.contains(r#"<th scope="row">2 Nov</th><td>1</td><td>none</td>"#), "{drawn}");
        assert!(!drawn.contains("style="), "{drawn}");
    }
}
