//! Where boxes and arrows go: layers by the longest way from an input, order within a layer by the middle of the
//! neighbours, arrows over several layers through places of their own. Whole numbers only, so that it is the same
//! everywhere.

/// Space between layers, for arrows.
const LAYER_GAP: usize = 48;
/// Space between boxes of a layer.
const BOX_GAP: usize = 28;
/// Width of the place that an arrow takes in a layer that it passes.
const PASS_WIDTH: usize = 16;
/// Around the whole picture.
pub(super) const MARGIN: usize = 24;
/// Sweeps of ordering; more change nothing for graphs that people draw.
const SWEEPS: usize = 8;

/// Size of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub width: usize,
    pub height: usize,
}

/// Rows that go from one box to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    /// Which input of `to` it is, of how many.
    pub port: usize,
    pub ports: usize,
}

/// A box in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub x: usize,
    pub y: usize,
    pub size: Size,
}

/// The whole picture.
pub(super) struct Picture {
    pub width: usize,
    pub height: usize,
    pub boxes: Vec<Placed>,
    /// Points from box to box, one list per edge.
    pub arrows: Vec<Vec<(usize, usize)>>,
}

/// A thing that takes a place in a layer: a box, or an edge that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    what: What,
    width: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Box(usize),
    Pass(usize),
}

/// Lays a graph out.
pub(super) fn layout(sizes: &[Size], edges: &[Edge]) -> Picture {
    let layer = layers(sizes.len(), edges);
    let depth = layer.iter().map(|l| l + 1).max().unwrap_or(0);
    let mut slots: Vec<Vec<Slot>> = vec![Vec::new(); depth];
    for (i, size) in sizes.iter().enumerate() {
        slots[layer[i]].push(Slot { what: What::Box(i), width: size.width });
    }
    for (e, edge) in edges.iter().enumerate() {
        for between in slots.iter_mut().take(layer[edge.to]).skip(layer[edge.from] + 1) {
            between.push(Slot { what: What::Pass(e), width: PASS_WIDTH });
        }
    }
    let links = Links { edges, layer: &layer };
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let order: Vec<usize> = if down { (1..depth).collect() } else { (0..depth.saturating_sub(1)).rev().collect() };
        for at in order {
            let beside = if down { at - 1 } else { at + 1 };
            sort(&mut slots, at, beside, &links);
        }
    }
    place(sizes, edges, &slots)
}

/// The longest way from a box without inputs. An edge that closes a circle counts for nothing.
fn layers(count: usize, edges: &[Edge]) -> Vec<usize> {
    let mut layer = vec![0; count];
    // In an acyclic graph all is settled after as many rounds as there are boxes.
    for _ in 0..count {
        let before = layer.clone();
        for edge in edges.iter().filter(|e| e.from != e.to) {
            layer[edge.to] = layer[edge.to].max(layer[edge.from] + 1).min(count - 1);
        }
        if layer == before {
            break;
        }
    }
    // An input stands right above the first step that uses it.
    for i in 0..count {
        if !edges.iter().any(|e| e.to == i)
            && let Some(first) = edges.iter().filter(|e| e.from == i).map(|e| layer[e.to]).min()
        {
            layer[i] = first.saturating_sub(1);
        }
    }
    layer
}

struct Links<'a> {
    edges: &'a [Edge],
    layer: &'a [usize],
}

impl Links<'_> {
    /// The slots in the layer `beside` that a slot of layer `at` is joined to, each with its port where it is an input.
    fn neighbours(&self, what: What, at: usize, beside: usize) -> Vec<(What, usize)> {
        let mut found = Vec::new();
        for (e, edge) in self.edges.iter().enumerate() {
            let joined = match what {
                What::Pass(own) => own == e,
                What::Box(b) if beside < at => edge.to == b,
                What::Box(b) => edge.from == b,
            };
            if !joined {
                continue;
            }
            let other = if beside < at { edge.from } else { edge.to };
            let what = if self.layer[other] == beside { What::Box(other) } else { What::Pass(e) };
            found.push((what, edge.port));
        }
        found
    }
}

/// Sorts a layer by the middle of its neighbours in the layer beside; equal ones keep their order.
fn sort(slots: &mut [Vec<Slot>], at: usize, beside: usize, links: &Links<'_>) {
    const SCALE: usize = 1_000;
    let there = slots[beside].clone();
    let mut keyed: Vec<(usize, usize, Slot)> = slots[at]
        .iter()
        .enumerate()
        .map(|(i, slot)| {
            let near: Vec<usize> = links
                .neighbours(slot.what, at, beside)
                .into_iter()
                .filter_map(|(what, port)| Some(there.iter().position(|s| s.what == what)? * SCALE + port))
                .collect();
            let middle = if near.is_empty() { i * SCALE } else { near.iter().sum::<usize>() / near.len() };
            (middle, i, *slot)
        })
        .collect();
    keyed.sort_by_key(|(middle, i, _)| (*middle, *i));
    slots[at] = keyed.into_iter().map(|(_, _, slot)| slot).collect();
}

fn place(sizes: &[Size], edges: &[Edge], slots: &[Vec<Slot>]) -> Picture {
    let row_width = |row: &[Slot]| row.iter().map(|s| s.width).sum::<usize>() + row.len().saturating_sub(1) * BOX_GAP;
    let widest = slots.iter().map(|row| row_width(row)).max().unwrap_or(0);
    let mut boxes = vec![Placed { x: 0, y: 0, size: Size { width: 0, height: 0 } }; sizes.len()];
    let mut passes: Vec<Vec<(usize, usize, usize)>> = vec![Vec::new(); edges.len()];
    let mut y = MARGIN;
    for row in slots {
        let height = row.iter().filter_map(|s| if let What::Box(b) = s.what { Some(sizes[b].height) } else { None });
        let height = height.max().unwrap_or(0);
        let mut x = MARGIN + (widest - row_width(row)) / 2;
        for slot in row {
            match slot.what {
                What::Box(b) => boxes[b] = Placed { x, y: y + (height - sizes[b].height) / 2, size: sizes[b] },
                What::Pass(e) => passes[e].push((x + slot.width / 2, y, y + height)),
            }
            x += slot.width + BOX_GAP;
        }
        y += height + LAYER_GAP;
    }
    let arrows = edges.iter().enumerate().map(|(e, edge)| {
        let (from, to) = (boxes[edge.from], boxes[edge.to]);
        let out = edges.iter().filter(|other| other.from == edge.from).collect::<Vec<_>>();
        let place = out.iter().position(|other| *other == edge).unwrap_or(0);
        let mut points = vec![(from.x + share(from.size.width, place, out.len()), from.y + from.size.height)];
        for (x, top, bottom) in &passes[e] {
            points.extend([(*x, *top), (*x, *bottom)]);
        }
        points.push((to.x + share(to.size.width, edge.port, edge.ports), to.y));
        points
    });
    Picture {
        width: widest + 2 * MARGIN,
        height: (y + MARGIN).saturating_sub(LAYER_GAP),
        arrows: arrows.collect(),
        boxes,
    }
}

/// Where the n-th of several arrows meets a side.
fn share(width: usize, n: usize, of: usize) -> usize {
    width * (n + 1) / (of + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 100, height: 40 };

    fn edge(from: usize, to: usize) -> Edge {
        Edge { from, to, port: 0, ports: 1 }
    }

    #[test]
    fn a_step_stands_below_all_that_it_takes_rows_from() {
        let edges = [edge(0, 2), edge(1, 3), edge(2, 3), edge(0, 3)];
        let picture = layout(&[SIZE; 4], &edges);
        for e in &edges {
            assert!(picture.boxes[e.from].y + SIZE.height < picture.boxes[e.to].y);
        }
        // 1 is used by 3 alone, so it stands beside 2.
        assert_eq!(picture.boxes[1].y, picture.boxes[2].y);
        // The long arrow passes the layer of 2 without touching a box.
        let (x, _) = picture.arrows[3][1];
        assert!(picture.boxes[1..3].iter().all(|b| x < b.x || x > b.x + SIZE.width));
    }

    #[test]
    fn boxes_never_overlap_and_circles_end() {
        let edges: Vec<Edge> = (0..12).flat_map(|i| [edge(i, (i * 5 + 3) % 12), edge(i, (i * 7 + 1) % 12)]).collect();
        let picture = layout(&[SIZE; 12], &edges);
        for (i, a) in picture.boxes.iter().enumerate() {
            for b in &picture.boxes[..i] {
                let apart = a.x + SIZE.width <= b.x
                    || b.x + SIZE.width <= a.x
                    || a.y + SIZE.height <= b.y
                    || b.y + SIZE.height <= a.y;
                assert!(apart, "{a:?} {b:?}");
            }
            assert!(a.x + SIZE.width <= picture.width && a.y + SIZE.height <= picture.height);
        }
        assert_eq!(layout(&[], &[]).boxes, []);
    }
}
