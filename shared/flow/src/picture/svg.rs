//! The drawing itself.

use std::fmt::Write as _;

use super::StepBox;
use super::layout::{MARGIN, Picture, Placed};
use super::text::escape;
use crate::commands::Role;

/// Pixels of half a Japanese character of a name, at 15 px; a little more than half of 15, for bold faces.
pub(super) const NAME_UNIT: usize = 8;
/// The same of details, at 12 px.
pub(super) const SMALL_UNIT: usize = 7;
/// Height of a line of a name.
pub(super) const NAME_LINE: usize = 20;
/// Height of a line of details.
pub(super) const SMALL_LINE: usize = 17;
/// Around the text of a box.
pub(super) const PADDING: usize = 12;
/// Narrowest box.
pub(super) const NARROWEST: usize = 140;
/// Height of the title.
const TITLE: usize = 36;

const FONTS: &str = "'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic UI',Meiryo,IPAexGothic,sans-serif";

/// Draws a picture.
pub(super) fn draw(title: &str, boxes: &[StepBox], picture: &Picture) -> String {
    let title_width = super::text::width(title) * (NAME_UNIT + 1) + 2 * MARGIN;
    let (width, height) = (picture.width.max(title_width), picture.height + TITLE);
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FONTS}">
<title>{title}</title>
<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 10 5 0 10z" fill="#57606a"/></marker></defs>
<rect width="{width}" height="{height}" fill="#ffffff"/>
<text x="{MARGIN}" y="{y}" font-size="17" font-weight="bold" fill="#1f2328">{title}</text>
<g transform="translate({left} {TITLE})">"##,
        title = escape(title),
        y = MARGIN + 8,
        left = (width - picture.width) / 2,
    );
    for points in &picture.arrows {
        let _ = writeln!(
            out,
            r##"<path d="{}" fill="none" stroke="#57606a" stroke-width="1.5" marker-end="url(#arrow)"/>"##,
            curve(points)
        );
    }
    for (step, place) in boxes.iter().zip(&picture.boxes) {
        draw_box(&mut out, step, place);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// From point to point: curves between layers, straight where an arrow passes one.
fn curve(points: &[(usize, usize)]) -> String {
    let mut d = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        match i.checked_sub(1).map(|before| points[before]) {
            None => {
                let _ = write!(d, "M{x} {y}");
            }
            Some((px, _)) if px == *x => {
                let _ = write!(d, "L{x} {y}");
            }
            Some((px, py)) => {
                let middle = (py + y) / 2;
                let _ = write!(d, "C{px} {middle} {x} {middle} {x} {y}");
            }
        }
    }
    d
}

fn draw_box(out: &mut String, step: &StepBox, place: &Placed) {
    // Fill, edge and text keep the contrast that WCAG AA asks for.
    let (fill, edge) = match step.role {
        Some(Role::Input) => ("#ddf4ff", "#0969da"),
        Some(Role::Middle) => ("#f6f8fa", "#57606a"),
        Some(Role::Output) => ("#dafbe1", "#1a7f37"),
        None => ("#ffebe9", "#cf222e"),
    };
    let Placed { x, y, size } = *place;
    let _ = writeln!(
        out,
        r##"<g><title>{}</title><rect x="{x}" y="{y}" width="{}" height="{}" rx="6" fill="{fill}" stroke="{edge}" stroke-width="1.5"/>"##,
        escape(&step.name.concat()),
        size.width,
        size.height
    );
    let middle = x + size.width / 2;
    let mut line = y + PADDING;
    for name in &step.name {
        line += NAME_LINE;
        let _ = writeln!(
            out,
            r##"<text x="{middle}" y="{}" text-anchor="middle" font-size="15" font-weight="bold" fill="#1f2328">{}</text>"##,
            line - 5,
            escape(name)
        );
    }
    for (i, small) in std::iter::once(&step.command).chain(&step.detail).enumerate() {
        line += SMALL_LINE;
        let colour = if i == 0 { edge } else { "#424a53" };
        let _ = writeln!(
            out,
            r##"<text x="{middle}" y="{}" text-anchor="middle" font-size="12" fill="{colour}">{}</text>"##,
            line - 4,
            escape(small)
        );
    }
    out.push_str("</g>\n");
}
