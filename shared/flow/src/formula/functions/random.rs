//! Random numbers that a run can repeat: they follow from the run's time and from the arguments, so a row that is computed again
//! (after a conflict, or when a run is resumed) gets the same number. Without an argument all rows would get one number, so a key
//! is asked for: the record number, or whatever tells rows apart.

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::super::convert;
use super::{Call, Function, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("RAND", 1, None, |call| {
        const PLACES: u32 = 15;
        let number = i128::from(draw(call, 0)?) % 10i128.pow(PLACES);
        Ok(Value::Number(Decimal::from_parts(number, PLACES)?))
    })
    .kind(number_kind)
    .takes("key: any, …")
    .about(
        "0以上1未満の乱数(小数第15位まで)。行を区別する値(レコード番号など)を引数にします。実行の開始日時と引数で決まるので、同じ実行では同じ引数に同じ数になります。",
        "A random number from 0 to below 1, with 15 decimals. Its arguments tell rows apart (the record number, say). It follows from the run's time and the arguments: in one run, the same arguments have the same number.",
    )
    .examples(&[("RAND(7)=RAND(7)", "TRUE"), ("RAND(7)=RAND(8)", "FALSE"), ("AND(RAND(\"\")>=0,RAND(\"\")<1)", "TRUE"), ("RAND(1/0)", "#DIV/0!")]),
    function("RANDBETWEEN", 3, None, |call| {
        let (low, high) = (call.number(0)?.ceil().to_i64(), call.number(1)?.floor().to_i64());
        let (low, high) = (low.ok_or(ErrorValue::Num)?, high.ok_or(ErrorValue::Num)?);
        if low > high {
            return Err(ErrorValue::Num);
        }
        let span = i128::from(high) - i128::from(low) + 1;
        Ok(Value::Number(Decimal::from_parts(i128::from(low) + i128::from(draw(call, 2)?) % span, 0)?))
    })
    .kind(number_kind)
    .takes("low: number, high: number, key: any, …")
    .about(
        "最小から最大までの整数の乱数。3番目以降は行を区別する値で、RAND と同じ働きです。",
        "A random whole number from the first to the second. The arguments behind them tell rows apart, as for RAND.",
    )
    .examples(&[
        ("RANDBETWEEN(1,1,\"a\")", "1"),
        ("AND(RANDBETWEEN(1,6,7)>=1,RANDBETWEEN(1,6,7)<=6)", "TRUE"),
        ("RANDBETWEEN(\"\",0,1)", "0"),
        ("RANDBETWEEN(2,1,7)", "#NUM!"),
    ]),
];

/// 64 bits that follow from the run's time and the arguments from `first` on: FNV-1a over their texts, then the finishing
/// steps of SplitMix64, which spread near inputs over the whole range.
fn draw(call: &Call<'_>, first: usize) -> Result<u64, ErrorValue> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    take(&call.scope.ctx.now.to_le_bytes());
    for at in first..call.len() {
        take(convert::text(&*call.value(at)?, call.zone())?.as_bytes());
        // So that ("ab", "c") and ("a", "bc") differ.
        take(&[0xff]);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Ok(hash ^ (hash >> 31))
}
