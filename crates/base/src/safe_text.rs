//! Text from outside made safe for the place it is shown in.
