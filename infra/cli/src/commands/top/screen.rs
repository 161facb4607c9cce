//! The terminal: a picture every second, until `q`.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::{cursor, execute, queue, style, terminal};
use flow::examples::text_width;

use super::{look, picture};
use crate::args::Place;
use crate::commands::Failure;
use crate::commands::place::{self, Open};

/// How often keys are looked for.
const KEYS: Duration = Duration::from_millis(100);

/// The terminal as it was comes back when this goes, however it ends.
struct Screen;

impl Screen {
    fn open() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        let screen = Self;
        execute!(io::stdout(), terminal::EnterAlternateScreen, cursor::Hide)?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone.
        let _ = execute!(io::stdout(), cursor::Show, terminal::LeaveAlternateScreen);
        let _ = terminal::disable_raw_mode();
    }
}

/// What is drawn where there is nothing to look at.
const NOBODY: [&str; 2] = [
    "suiro serve が動いていません。保存された内容は suiro top --once で見られます",
    "no suiro serve is running; `suiro top --once` shows what is stored",
];

/// Draws until somebody quits. It never holds the folder: a `suiro serve` can start and stop meanwhile.
pub async fn watch(place: &Place, domain: Option<&str>, every: Duration) -> Result<(), Failure> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(Failure {
            exit: 2,
            message: "端末ではありません。--once で1回だけ表示できます / not a terminal; --once prints one picture"
                .into(),
        });
    }
    let _screen = Screen::open().map_err(Failure::new)?;
    let mut open: Option<Open> = None;
    loop {
        if open.is_none() {
            open = place::open_beside(place).await?;
        }
        let looked = match &open {
            Some(open) => look::look(open, domain).await.map(|picture| picture::lines(&picture)),
            None => Ok(NOBODY.map(str::to_owned).to_vec()),
        };
        let lines = looked.unwrap_or_else(|failure| {
            // Perhaps another process serves by now, elsewhere.
            open = None;
            vec![failure.message]
        });
        let quit = tokio::task::spawn_blocking(move || draw(&lines).and_then(|()| wait(&lines, every)));
        if quit.await.map_err(Failure::new)?.map_err(Failure::new)? {
            return Ok(());
        }
    }
}

fn draw(lines: &[String]) -> io::Result<()> {
    let (width, height) = terminal::size()?;
    let mut out = io::stdout().lock();
    queue!(out, cursor::MoveTo(0, 0))?;
    let rows = usize::from(height.saturating_sub(1));
    for line in lines.iter().take(rows) {
        queue!(out, style::Print(cut(line, width.into())), terminal::Clear(terminal::ClearType::UntilNewLine))?;
        queue!(out, cursor::MoveToNextLine(1))?;
    }
    queue!(out, terminal::Clear(terminal::ClearType::FromCursorDown))?;
    queue!(out, cursor::MoveTo(0, height.saturating_sub(1)), style::Print("q: 終了 / quit"))?;
    out.flush()
}

/// Waits for the next picture's time; true where somebody quits. A terminal that changes its size is drawn anew.
fn wait(lines: &[String], every: Duration) -> io::Result<bool> {
    let mut left = every;
    while !left.is_zero() {
        let turn = left.min(KEYS);
        if !event::poll(turn)? {
            left -= turn;
            continue;
        }
        match event::read()? {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                let interrupt = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
                if interrupt || matches!(key.code, KeyCode::Char('q' | 'Q') | KeyCode::Esc) {
                    return Ok(true);
                }
            }
            Event::Resize(..) => draw(lines)?,
            _ => {}
        }
    }
    Ok(false)
}

/// A line as far as it fits; Japanese characters take two columns.
fn cut(line: &str, width: usize) -> String {
    let (mut out, mut taken) = (String::new(), 0);
    for c in line.chars() {
        taken += text_width(c.encode_utf8(&mut [0; 4]));
        if taken > width {
            break;
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_line_ends_where_the_terminal_does() {
        assert_eq!([cut("受注 unit", 5), cut("受注 unit", 3), cut("ab", 9)], ["受注 ", "受", "ab"]);
    }
}
