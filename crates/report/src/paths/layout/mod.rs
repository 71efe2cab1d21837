//! Places boxes in layers from left to right and leads arrows around them.
//!
//! In the manner of Sugiyama, Tagawa and Toda (1981): arrows that close a cycle are turned round, each node goes as far
//! right as the longest way to it, arrows over several layers get a place in each layer they pass, places are ordered
//! so that few arrows cross, then every layer is moved to where its arrows run straightest. Labels have layers of their
//! own between those of the boxes, so no label lies on a box or on another label. The same input gives the same output.

mod layers;
mod order;
mod places;
mod routes;

/// A box or label in pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Size {
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
}

/// Where a box or label lies; `x` and `y` are its upper left corner.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rectangle {
    /// Pixels from the left.
    pub x: f64,
    /// Pixels from the top.
    pub y: f64,
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
}

impl Rectangle {
    /// True where the two share more than an edge.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}

/// What is to be placed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// The size of each box.
    pub boxes: Vec<Size>,
    /// Boxes that belong to the left edge where nothing leads to them.
    pub entries: Vec<usize>,
    /// Arrows; those whose ends are no two different boxes are passed over.
    pub arrows: Vec<ArrowSize>,
}

/// An arrow and the size of its label.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ArrowSize {
    /// Index of a box.
    pub from: usize,
    /// Index of a box.
    pub to: usize,
    /// Room for the label.
    pub label: Size,
}

/// Where everything lies. Coordinates begin at 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layout {
    /// Each box.
    pub boxes: Vec<Rectangle>,
    /// Each arrow, `None` for those passed over.
    pub arrows: Vec<Option<ArrowPlace>>,
    /// The whole.
    pub size: Size,
}

/// Where an arrow runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArrowPlace {
    /// From the edge of one box to the edge of the other, in the arrow's own direction. Between two points of the same
    /// height the line is straight, otherwise it swings over from the one height to the other.
    pub points: Vec<(f64, f64)>,
    /// Where the label lies.
    pub label: Rectangle,
}

/// Places a graph. The time grows with the arrows times the layers they pass.
pub fn place(graph: &Graph) -> Layout {
    let mut layered = layers::assign(graph);
    order::reduce_crossings(&mut layered);
    let places = places::assign(graph, &layered);
    routes::draw(graph, &layered, &places)
}
