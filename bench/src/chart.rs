//! Bars, longest at the bottom or in the caller's order, as SVG.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const WIDTH: i32 = 760;
const LABELS: i32 = 250;
const BAR: i32 = 22;
const STEP: i32 = 30;
const TOP: i32 = 44;

/// One bar: its label, its length, what is written behind it, and whether it is ours.
pub struct Bar {
    pub label: String,
    pub length: f64,
    pub text: String,
    pub is_ours: bool,
}

/// Draws bars whose length is the logarithm of the figure where `decades` says so: one decade to
/// the left of the smallest is the start.
pub fn draw(path: &Path, title: &str, bars: &[Bar], logarithmic: bool) {
    let rows = i32::try_from(bars.len()).expect("a few bars");
    let height = u32::try_from(TOP + rows * STEP + 10).expect("a picture is not negative");
    let area = SVGBackend::new(path, (u32::try_from(WIDTH).unwrap(), height)).into_drawing_area();
    area.fill(&WHITE).unwrap();
    let dark = RGBColor(36, 41, 47);
    let text = |size: i32, hpos: HPos| {
        let style = TextStyle::from(("sans-serif", size).into_font()).color(&dark);
        style.pos(Pos::new(hpos, VPos::Center))
    };
    let draw_text = |words: &str, place: (i32, i32), style: TextStyle<'_>| {
        area.draw(&Text::new(words.to_owned(), place, style))
            .unwrap();
    };
    draw_text(title, (12, 20), text(16, HPos::Left));
    let lengths = || bars.iter().map(|bar| bar.length);
    let (least, most) = (
        lengths().fold(f64::MAX, f64::min),
        lengths().fold(0.0, f64::max),
    );
    let scale = |length: f64| {
        let part = if logarithmic {
            (length * 10.0 / least).log10() / (most * 10.0 / least).log10()
        } else {
            length / most
        };
        (part * f64::from(WIDTH - LABELS - 110)) as i32
    };
    for (row, bar) in (0..).zip(bars) {
        let top = TOP + row * STEP;
        let middle = top + BAR / 2;
        let color = if bar.is_ours {
            RGBColor(221, 107, 32)
        } else {
            RGBColor(140, 149, 159)
        };
        let end = LABELS + scale(bar.length);
        let corners = [(LABELS, top), (end, top + BAR)];
        area.draw(&Rectangle::new(corners, color.filled())).unwrap();
        draw_text(&bar.label, (LABELS - 8, middle), text(14, HPos::Right));
        draw_text(&bar.text, (end + 8, middle), text(14, HPos::Left));
    }
    area.present().expect("the picture can be written");
}
