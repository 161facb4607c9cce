//! How a read is cut into ranges of ids, and cut again by what is found. No I/O: the reader asks what to fetch next and
//! tells what came.
//!
//! A page costs a round trip, so ranges are cut at multiples of a page's worth of ids: with gapless ids every page is
//! exactly full and no call is lost. With gaps a range ends with a page that is half full on average, so a range is only
//! cut where it promises several pages.

use super::read::PAGE;

/// Fewest pages of a range where ids have gaps: a lost half page is then at most an eighth.
const FEWEST_PAGES: u64 = 4;

/// The ranges of one read.
#[derive(Debug)]
pub(crate) struct Ranges {
    list: Vec<Range>,
    /// Records that are still to come, as far as the first count was right.
    remaining: u64,
}

#[derive(Debug)]
struct Range {
    /// The id before its first.
    before: u64,
    /// Last id that was read; `before` at first.
    last: u64,
    /// Its last id.
    upto: u64,
}

impl Range {
    fn new(before: u64, upto: u64) -> Self {
        Self { before, last: before, upto }
    }
}

impl Ranges {
    /// Cuts the ids above `before` up to `upto`, among which about `records` exist, into at most `workers` ranges.
    pub(crate) fn new(before: u64, upto: u64, records: u64, workers: usize) -> Self {
        let ids = upto.saturating_sub(before);
        let records = records.clamp(1, ids.max(1));
        let pages = records.div_ceil(PAGE);
        let most = if records == ids { pages } else { (pages / FEWEST_PAGES).max(1) };
        let bounds = cut(before, upto, pages, (records, ids), most.min(workers.max(1) as u64));
        let starts = std::iter::once(before).chain(bounds.iter().copied());
        let list = starts.zip(bounds.iter().copied()).map(|(from, to)| Range::new(from, to)).collect();
        Self { list, remaining: records }
    }

    /// How many ranges there are; new ones get the next indices.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// What to fetch next for a range: ids above the first and up to the second.
    pub(crate) fn window(&self, at: usize) -> (u64, u64) {
        (self.list[at].last, self.list[at].upto)
    }

    /// Takes note of a page of a range, with the first and the last id on it. Returns the ranges to go on with: none
    /// where the range is done, else itself and, while `idle` workers wait, new ones cut from its rest.
    ///
    /// The rest is judged by the page just read: records that were made together stand together.
    pub(crate) fn arrived(&mut self, at: usize, records: u64, ids: Option<(u64, u64)>, idle: usize) -> Vec<usize> {
        let next = self.list.len();
        let range = &mut self.list[at];
        self.remaining = self.remaining.saturating_sub(records);
        let Some((first, last)) = ids.filter(|_| records >= PAGE) else { return Vec::new() };
        range.last = last;
        if last >= range.upto {
            return Vec::new();
        }
        let density = (records, (last - first).saturating_add(1));
        let rest = u128::from(range.upto - last) * u128::from(density.0) / u128::from(density.1);
        let pages = u64::try_from(rest).unwrap_or(u64::MAX).min(self.remaining).div_ceil(PAGE);
        let parts = (pages / FEWEST_PAGES).min(idle as u64 + 1);
        if parts < 2 {
            return vec![at];
        }
        let bounds = cut(last, range.upto, pages, density, parts);
        range.upto = bounds[0];
        self.list.extend(bounds.windows(2).map(|pair| Range::new(pair[0], pair[1])));
        std::iter::once(at).chain(next..self.list.len()).collect()
    }

    /// The ranges in ascending order of ids.
    pub(crate) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.list.len()).collect();
        order.sort_by_key(|at| self.list[*at].before);
        order
    }
}

/// Ends of `parts` ranges above `before`, the last one `upto`, of about equal numbers of whole pages. `density` is
/// records per ids.
fn cut(before: u64, upto: u64, pages: u64, density: (u64, u64), parts: u64) -> Vec<u64> {
    let (records, ids) = (u128::from(density.0.max(1)), u128::from(density.1));
    let mut bounds: Vec<u64> = (1..parts)
        .map(|part| {
            let pages = u128::from(pages) * u128::from(part) / u128::from(parts);
            let width = pages * u128::from(PAGE) * ids / records;
            before.saturating_add(u64::try_from(width).unwrap_or(u64::MAX)).min(upto)
        })
        .collect();
    bounds.push(upto);
    bounds.dedup();
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads everything with `workers`, one page per turn each; returns the calls and the ids in order.
    fn read_all(ids: &[u64], estimate: u64, workers: usize) -> (usize, Vec<u64>) {
        let upto = *ids.last().unwrap();
        let mut ranges = Ranges::new(0, upto, estimate, workers);
        let mut running: std::collections::VecDeque<usize> = (0..ranges.len()).collect();
        assert!(running.len() <= workers);
        let (mut calls, mut found) = (0, vec![Vec::new(); ranges.len()]);
        while let Some(at) = running.pop_front() {
            let (after, upto) = ranges.window(at);
            let from = ids.partition_point(|id| *id <= after);
            let page: Vec<u64> = ids[from..].iter().copied().take_while(|id| *id <= upto).take(500).collect();
            calls += 1;
            let idle = workers - running.len() - 1;
            let next = ranges.arrived(at, page.len() as u64, page.first().copied().zip(page.last().copied()), idle);
            found[at].extend(page);
            found.resize(ranges.len(), Vec::new());
            running.extend(next);
            assert!(running.len() <= workers);
        }
        (calls, ranges.order().into_iter().flat_map(|at| found[at].clone()).collect())
    }

    #[test]
    fn gapless_ids_need_no_call_too_many() {
        for count in [1, 499, 500, 501, 1_000, 4_999, 99_000, 100_000, 123_456] {
            let ids: Vec<u64> = (1..=count).collect();
            let (calls, read) = read_all(&ids, count, 10);
            assert_eq!(read, ids);
            assert_eq!(calls as u64, count.div_ceil(500), "{count}");
        }
    }

    /// A fixed sequence that looks random: the test must find the same gaps each time.
    fn scattered(count: usize, span: u64) -> Vec<u64> {
        let mut state = 42u64;
        let mut ids = std::collections::BTreeSet::new();
        while ids.len() < count {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ids.insert((state >> 33) % span + 1);
        }
        ids.into_iter().collect()
    }

    #[test]
    fn scattered_ids_cost_at_most_a_tenth_more() {
        for count in [20_000usize, 50_000, 100_000] {
            let ids = scattered(count, count as u64 * 10);
            let (calls, read) = read_all(&ids, count as u64, 10);
            assert_eq!(read, ids);
            assert!(calls * 10 <= count / 500 * 11, "{count}: {calls}");
        }
    }

    #[test]
    fn a_clump_is_shared_among_idle_workers() {
        let ids: Vec<u64> = (1..=1_000).chain(900_001..=1_000_000).collect();
        let (calls, read) = read_all(&ids, ids.len() as u64, 10);
        assert_eq!(read, ids);
        assert!(calls <= 225, "{calls}");
        let mut ranges = Ranges::new(0, 1_000_000, 101_000, 10);
        assert_eq!(ranges.arrived(9, 500, Some((900_001, 900_500)), 9).len(), 10);
    }

    #[test]
    fn wrong_estimates_only_cost_calls() {
        let ids = scattered(7_000, 1_000_000);
        for estimate in [0, 1, 500, 7_000, 1_000_000, u64::MAX] {
            assert_eq!(read_all(&ids, estimate, 10).1, ids, "{estimate}");
        }
        assert_eq!(read_all(&[u64::MAX - 1], 1, 10).1, [u64::MAX - 1]);
    }
}
