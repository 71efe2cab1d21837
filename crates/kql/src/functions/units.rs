//! `convert_length` and its kin: units of measure by name.
//!
//! A unit is worth so many of its base unit. The names are those that Kusto documents, the factors
//! those of the .NET library `UnitsNet`, whose names they are, so that the digits agree.

use super::ScalarFunction;
use crate::value::{Value, to_text};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("convert_angle", |_, values| {
        if values.get(1..)?.iter().any(|unit| to_text(unit) == "Tilt") {
            return tilted(values);
        }
        converted(values, ANGLE)
    }),
    ScalarFunction::new("convert_energy", |_, values| converted(values, ENERGY)),
    ScalarFunction::new("convert_force", |_, values| converted(values, FORCE)),
    ScalarFunction::new("convert_length", |_, values| converted(values, LENGTH)),
    ScalarFunction::new("convert_mass", |_, values| converted(values, MASS)),
    ScalarFunction::new("convert_speed", |_, values| converted(values, SPEED)),
    ScalarFunction::new("convert_volume", |_, values| converted(values, VOLUME)),
    ScalarFunction::new("convert_temperature", |_, values| {
        let (value, from, to) = (
            values.first()?.as_real()?,
            temperature(&to_text(values.get(1)?))?,
            temperature(&to_text(values.get(2)?))?,
        );
        let kelvin = value * from.0 + from.1;
        Some(Value::Real((kelvin - to.1) / to.0))
    }),
];

type Units = &'static [(&'static str, f64)];

/// Nothing for a name that is none.
fn converted<'a>(values: &[Value<'a>], units: Units) -> Option<Value<'a>> {
    let value = values.first()?.as_real()?;
    let worth = |at: usize| {
        let name = to_text(values.get(at)?);
        let unit = units.iter().find(|unit| unit.0 == name)?;
        Some(unit.1)
    };
    Some(Value::Real(value * worth(1)? / worth(2)?))
}

/// `Tilt` is the sine of an angle.
fn tilted<'a>(values: &[Value<'a>]) -> Option<Value<'a>> {
    let name = |at: usize| values.get(at).map(to_text);
    let is_tilt = |at: usize| name(at).is_some_and(|name| name == "Tilt");
    let worth = |at: usize| {
        let name = name(at)?;
        ANGLE.iter().find(|unit| unit.0 == name).map(|unit| unit.1)
    };
    let value = values.first()?.as_real()?;
    let degrees = if is_tilt(1) {
        value.asin().to_degrees()
    } else {
        value * worth(1)?
    };
    Some(Value::Real(if is_tilt(2) {
        degrees.to_radians().sin()
    } else {
        degrees / worth(2)?
    }))
}

/// Kelvin in one degree, and kelvin at zero.
fn temperature(name: &str) -> Option<(f64, f64)> {
    const FREEZING: f64 = 273.15;
    Some(match name {
        "Kelvin" => (1.0, 0.0),
        "DegreeCelsius" => (1.0, FREEZING),
        "MillidegreeCelsius" => (0.001, FREEZING),
        "DegreeDelisle" => (-2.0 / 3.0, 373.15),
        "DegreeFahrenheit" => (5.0 / 9.0, 459.67 * 5.0 / 9.0),
        "DegreeNewton" => (100.0 / 33.0, FREEZING),
        "DegreeRankine" => (5.0 / 9.0, 0.0),
        "DegreeReaumur" => (1.25, FREEZING),
        "DegreeRoemer" => (40.0 / 21.0, FREEZING - 7.5 * 40.0 / 21.0),
        "SolarTemperature" => (5_778.0, 0.0),
        _ => return None,
    })
}

const DEGREES_IN_RADIAN: f64 = 180.0 / std::f64::consts::PI;

/// In degrees.
const ANGLE: Units = &[
    ("Arcminute", 1.0 / 60.0),
    ("Arcsecond", 1.0 / 3_600.0),
    ("Centiradian", DEGREES_IN_RADIAN * 1e-2),
    ("Deciradian", DEGREES_IN_RADIAN * 1e-1),
    ("Degree", 1.0),
    ("Gradian", 0.9),
    ("Microdegree", 1e-6),
    ("Microradian", DEGREES_IN_RADIAN * 1e-6),
    ("Millidegree", 1e-3),
    ("Milliradian", DEGREES_IN_RADIAN * 1e-3),
    ("Nanodegree", 1e-9),
    ("Nanoradian", DEGREES_IN_RADIAN * 1e-9),
    ("NatoMil", 360.0 / 6_400.0),
    ("Radian", DEGREES_IN_RADIAN),
    ("Revolution", 360.0),
];

const BRITISH_THERMAL_UNIT: f64 = 1_055.055_852_62;
const CALORIE: f64 = 4.184;
const ELECTRON_VOLT: f64 = 1.602_176_565e-19;

/// In joules.
const ENERGY: Units = &[
    ("BritishThermalUnit", BRITISH_THERMAL_UNIT),
    ("Calorie", CALORIE),
    ("DecathermEc", 1.055_055_852_62e9),
    ("DecathermImperial", 1.055_055_852_573_48e9),
    ("DecathermUs", 1.054_804e9),
    ("ElectronVolt", ELECTRON_VOLT),
    ("Erg", 1e-7),
    ("FootPound", 1.355_817_948),
    ("GigabritishThermalUnit", BRITISH_THERMAL_UNIT * 1e9),
    ("GigaelectronVolt", ELECTRON_VOLT * 1e9),
    ("Gigajoule", 1e9),
    ("GigawattDay", 86_400e9),
    ("GigawattHour", 3_600e9),
    ("HorsepowerHour", 2.684_519_537_7e6),
    ("Joule", 1.0),
    ("KilobritishThermalUnit", BRITISH_THERMAL_UNIT * 1e3),
    ("Kilocalorie", CALORIE * 1e3),
    ("KiloelectronVolt", ELECTRON_VOLT * 1e3),
    ("Kilojoule", 1e3),
    ("KilowattDay", 86_400e3),
    ("KilowattHour", 3_600e3),
    ("MegabritishThermalUnit", BRITISH_THERMAL_UNIT * 1e6),
    ("Megacalorie", CALORIE * 1e6),
    ("MegaelectronVolt", ELECTRON_VOLT * 1e6),
    ("Megajoule", 1e6),
    ("MegawattDay", 86_400e6),
    ("MegawattHour", 3_600e6),
    ("Millijoule", 1e-3),
    ("TeraelectronVolt", ELECTRON_VOLT * 1e12),
    ("TerawattDay", 86_400e12),
    ("TerawattHour", 3_600e12),
    ("ThermEc", 1.055_055_852_62e8),
    ("ThermImperial", 1.055_055_852_573_48e8),
    ("ThermUs", 1.054_804e8),
    ("WattDay", 86_400.0),
    ("WattHour", 3_600.0),
];

const POUND_FORCE: f64 = 4.448_221_615_260_509;

/// In newtons.
const FORCE: Units = &[
    ("Decanewton", 10.0),
    ("Dyn", 1e-5),
    ("KilogramForce", 9.806_650_028_64),
    ("Kilonewton", 1e3),
    ("KiloPond", 9.806_650_028_64),
    ("KilopoundForce", POUND_FORCE * 1e3),
    ("Meganewton", 1e6),
    ("Micronewton", 1e-6),
    ("Millinewton", 1e-3),
    ("Newton", 1.0),
    ("OunceForce", POUND_FORCE / 16.0),
    ("Poundal", 0.138_255_027_989_730_4),
    ("PoundForce", POUND_FORCE),
    ("ShortTonForce", 8_896.443_230_521),
    ("TonneForce", 9_806.650_028_64),
];

const LIGHT_YEAR: f64 = 9.460_730_472_58e15;
const PARSEC: f64 = 3.085_677_581_28e16;
const US_SURVEY_FOOT: f64 = 1_200.0 / 3_937.0;

/// In metres.
const LENGTH: Units = &[
    ("Angstrom", 1e-10),
    ("AstronomicalUnit", 1.495_978_707_0e11),
    ("Centimeter", 1e-2),
    ("Chain", 20.116_8),
    ("DataMile", 1_828.8),
    ("Decameter", 10.0),
    ("Decimeter", 0.1),
    ("DtpPica", 1.0 / 236.220_472_441),
    ("DtpPoint", 0.025_4 / 72.0),
    ("Fathom", 1.828_8),
    ("Foot", 0.304_8),
    ("Hand", 0.101_6),
    ("Hectometer", 100.0),
    ("Inch", 0.025_4),
    ("KilolightYear", LIGHT_YEAR * 1e3),
    ("Kilometer", 1e3),
    ("Kiloparsec", PARSEC * 1e3),
    ("LightYear", LIGHT_YEAR),
    ("MegalightYear", LIGHT_YEAR * 1e6),
    ("Megaparsec", PARSEC * 1e6),
    ("Meter", 1.0),
    ("Microinch", 2.54e-8),
    ("Micrometer", 1e-6),
    ("Mil", 2.54e-5),
    ("Mile", 1_609.34),
    ("Millimeter", 1e-3),
    ("Nanometer", 1e-9),
    ("NauticalMile", 1_852.0),
    ("Parsec", PARSEC),
    ("PrinterPica", 1.0 / 237.106_301_584),
    ("PrinterPoint", 0.025_4 / 72.27),
    ("Shackle", 27.432),
    ("SolarRadius", 6.951e8),
    ("Twip", 1.0 / 56_692.913_385_826),
    ("UsSurveyFoot", US_SURVEY_FOOT),
    ("Yard", 0.914_4),
];

const POUND: f64 = 0.453_592_37;

/// In kilograms.
const MASS: Units = &[
    ("Centigram", 1e-5),
    ("Decagram", 1e-2),
    ("Decigram", 1e-4),
    ("EarthMass", 5.972_2e24),
    ("Grain", 1.0 / 15_432.358_352_941_431),
    ("Gram", 1e-3),
    ("Hectogram", 0.1),
    ("Kilogram", 1.0),
    ("Kilopound", POUND * 1e3),
    ("Kilotonne", 1e6),
    ("LongHundredweight", 50.802_345_44),
    ("LongTon", 1_016.046_908_8),
    ("Megapound", POUND * 1e6),
    ("Megatonne", 1e9),
    ("Microgram", 1e-9),
    ("Milligram", 1e-6),
    ("Nanogram", 1e-12),
    ("Ounce", 1.0 / 35.273_961_9),
    ("Pound", POUND),
    ("ShortHundredweight", 45.359_237),
    ("ShortTon", 907.184_74),
    ("Slug", 1.0 / 6.852_176_556_196_105e-2),
    ("SolarMass", 1.989_47e30),
    ("Stone", 1.0 / 0.157_473_172_870_269_8),
    ("Tonne", 1e3),
];

/// In metres per second.
const SPEED: Units = &[
    ("CentimeterPerHour", 0.01 / 3_600.0),
    ("CentimeterPerMinute", 0.01 / 60.0),
    ("CentimeterPerSecond", 0.01),
    ("DecimeterPerMinute", 0.1 / 60.0),
    ("DecimeterPerSecond", 0.1),
    ("FootPerHour", 0.304_8 / 3_600.0),
    ("FootPerMinute", 0.304_8 / 60.0),
    ("FootPerSecond", 0.304_8),
    ("InchPerHour", 0.025_4 / 3_600.0),
    ("InchPerMinute", 0.025_4 / 60.0),
    ("InchPerSecond", 0.025_4),
    ("KilometerPerHour", 1_000.0 / 3_600.0),
    ("KilometerPerMinute", 1_000.0 / 60.0),
    ("KilometerPerSecond", 1_000.0),
    ("Knot", 0.514_444),
    ("MeterPerHour", 1.0 / 3_600.0),
    ("MeterPerMinute", 1.0 / 60.0),
    ("MeterPerSecond", 1.0),
    ("MicrometerPerMinute", 1e-6 / 60.0),
    ("MicrometerPerSecond", 1e-6),
    ("MilePerHour", 0.447_04),
    ("MillimeterPerHour", 1e-3 / 3_600.0),
    ("MillimeterPerMinute", 1e-3 / 60.0),
    ("MillimeterPerSecond", 1e-3),
    ("NanometerPerMinute", 1e-9 / 60.0),
    ("NanometerPerSecond", 1e-9),
    ("UsSurveyFootPerHour", US_SURVEY_FOOT / 3_600.0),
    ("UsSurveyFootPerMinute", US_SURVEY_FOOT / 60.0),
    ("UsSurveyFootPerSecond", US_SURVEY_FOOT),
    ("YardPerHour", 0.914_4 / 3_600.0),
    ("YardPerMinute", 0.914_4 / 60.0),
    ("YardPerSecond", 0.914_4),
];

const CUBIC_FOOT: f64 = 0.028_316_846_592;
const IMPERIAL_GALLON: f64 = 0.004_546_09;
const US_GALLON: f64 = 0.003_785_41;

/// In cubic metres.
const VOLUME: Units = &[
    ("AcreFoot", 1.0 / 0.000_810_714),
    ("AuTablespoon", 2e-5),
    ("BoardFoot", CUBIC_FOOT / 12.0),
    ("Centiliter", 1e-5),
    ("CubicCentimeter", 1e-6),
    ("CubicDecimeter", 1e-3),
    ("CubicFoot", CUBIC_FOOT),
    ("CubicHectometer", 1e6),
    ("CubicInch", 1.638_7e-5),
    ("CubicKilometer", 1e9),
    ("CubicMeter", 1.0),
    ("CubicMicrometer", 1e-18),
    ("CubicMile", 4.168_181_825_440_58e9),
    ("CubicMillimeter", 1e-9),
    ("CubicYard", 0.764_554_858),
    ("Decaliter", 1e-2),
    ("DecausGallon", US_GALLON * 10.0),
    ("Deciliter", 1e-4),
    ("DeciusGallon", US_GALLON * 0.1),
    ("HectocubicFoot", CUBIC_FOOT * 100.0),
    ("HectocubicMeter", 100.0),
    ("Hectoliter", 0.1),
    ("HectousGallon", US_GALLON * 100.0),
    ("ImperialBeerBarrel", 0.163_659_24),
    ("ImperialGallon", IMPERIAL_GALLON),
    ("ImperialOunce", IMPERIAL_GALLON / 160.0),
    ("ImperialPint", 5.682_612_5e-4),
    ("KilocubicFoot", CUBIC_FOOT * 1e3),
    ("KilocubicMeter", 1e3),
    ("KiloimperialGallon", IMPERIAL_GALLON * 1e3),
    ("Kiloliter", 1.0),
    ("KilousGallon", US_GALLON * 1e3),
    ("Liter", 1e-3),
    ("MegacubicFoot", CUBIC_FOOT * 1e6),
    ("MegaimperialGallon", IMPERIAL_GALLON * 1e6),
    ("Megaliter", 1e3),
    ("MegausGallon", US_GALLON * 1e6),
    ("MetricCup", 2.5e-4),
    ("MetricTeaspoon", 5e-6),
    ("Microliter", 1e-9),
    ("Milliliter", 1e-6),
    ("OilBarrel", 0.158_987_294_928),
    ("UkTablespoon", 1.5e-5),
    ("UsBeerBarrel", 0.117_347_765_8),
    ("UsCustomaryCup", 2.365_882_365e-4),
    ("UsGallon", US_GALLON),
    ("UsLegalCup", 2.4e-4),
    ("UsOunce", 2.957_352_956_253_760_6e-5),
    ("UsPint", 4.731_764_73e-4),
    ("UsQuart", 9.463_529_46e-4),
    ("UsTablespoon", 1.478_676_478_125e-5),
    ("UsTeaspoon", 4.928_921_593_75e-6),
];
