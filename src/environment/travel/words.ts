/**
 * The fixed inventory from which every world takes its words. It never grows with the world: a tokenizer trained once
 * knows every word of every world, only their combinations are new. ASCII, no apostrophes, capitalised where they are names.
 */

const words = (list: string): readonly string[] => list.trim().split(/\s+/);

export const adjectives = words(`
	Amber Silver Golden Crimson Quiet Lucky Old Royal Green Blue Red White Black Happy Hidden Little Grand Bright Copper Iron
	Velvet Rusty Merry Noble Gentle Wild Misty Sunny Frosty Stormy Proud Brave Clever Jolly Humble Ivory Jade Pearl Scarlet
	Violet Windy Wooden Stone Crystal Dusty Early Fancy Fresh Giant Honest Kind Lazy Magic Narrow Pale Quick Round Sandy Shady
	Silent Simple Smooth Spicy Steady Sweet Tall Tiny Twin Urban Vivid Warm Wise Young
`);

export const nouns = words(`
	Fox Bear Lion Eagle Crown Anchor Oak Willow Rose Lantern River Harbor Bridge Garden Tower Wagon Feather Falcon Otter Badger
	Swan Raven Heron Maple Cedar Pine Birch Meadow Valley Canyon Island Ocean Harvest Barrel Kettle Candle Mirror Compass Arrow
	Shield Hammer Violin Piano Drum Bell Clover Daisy Lily Lotus Orchid Peach Plum Olive Pepper Ginger Saffron Basil Dragon
	Phoenix Tiger Panda Whale Turtle Rabbit Squirrel Pony Stag Wolf Moon Star Comet Cloud Rain Thunder Summit Abbey Mill Well
	Gate Corner
`);

/** The last word of a name tells what kind of place it is. An attraction's is its type. */
export const hotelKinds = words('Inn Lodge Hotel House Suites');
export const restaurantKinds = words('Kitchen Grill Bistro Diner Cafe');

export const townBeginnings = words(
	'Ash Bar Brook Clif Dun East Fair Glen Hart Kings Lang Mel Nor Oak Pem Red Stan Thorn Wel West'
);
export const townEndings = words('ford ton ham bury field port ley mouth dale wick');

export const areas = words('north south east west centre');
export const prices = words('cheap moderate expensive');
export const foods = words('italian indian chinese thai french korean mexican greek turkish japanese');
export const attractionTypes = words('museum park theatre gallery cinema castle zoo market');
export const days = words('monday tuesday wednesday thursday friday saturday sunday');
export const starCounts: readonly number[] = [2, 3, 4, 5];
