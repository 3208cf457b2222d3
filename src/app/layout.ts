import { hierarchy, tree as tidyTree } from 'd3-hierarchy';
import type { PicturedNode } from './picture.ts';

export const nodeHeight = 28;
const rowHeight = nodeHeight + 10;
const margin = 10;

/** Nodes with their labels, or their marks alone so that a deep tree fits. */
const sizes = { labels: { nodeWidth: 170, gap: 34 }, marks: { nodeWidth: nodeHeight, gap: 26 } } as const;

/** A node with its place: `x`, `y` are its left edge and middle, in pixels; the opening is on the left. */
export interface PlacedNode {
	readonly node: PicturedNode;
	readonly x: number;
	readonly y: number;
	readonly depth: number;
	readonly parent: PlacedNode | undefined;
}

export interface Layout {
	/** Parents before children, siblings in order. */
	readonly nodes: readonly PlacedNode[];
	readonly nodeWidth: number;
	readonly width: number;
	readonly height: number;
}

export function layOut(root: PicturedNode, size: keyof typeof sizes = 'labels'): Layout {
	const { nodeWidth, gap } = sizes[size];
	const laid = tidyTree<PicturedNode>()
		.nodeSize([rowHeight, nodeWidth + gap])
		.separation(() => 1)(hierarchy(root, ({ children }) => children));
	let top = Infinity;
	let bottom = -Infinity;
	laid.each(({ x }) => {
		top = Math.min(top, x);
		bottom = Math.max(bottom, x);
	});
	const nodes: PlacedNode[] = [];
	const placed = new Map<PicturedNode, PlacedNode>();
	laid.eachBefore(({ data, x, y, depth, parent }) => {
		const place: PlacedNode = {
			node: data,
			x: y + margin,
			y: x - top + nodeHeight / 2 + margin,
			depth,
			parent: parent ? placed.get(parent.data) : undefined
		};
		placed.set(data, place);
		nodes.push(place);
	});
	const deepest = Math.max(...nodes.map(({ x }) => x));
	return {
		nodes,
		nodeWidth,
		width: deepest + nodeWidth + margin,
		height: bottom - top + nodeHeight + 2 * margin
	};
}

export type Direction = 'parent' | 'child' | 'above' | 'below' | 'first' | 'last';

/** Where an arrow key leads from a node: along its branch, or up and down its column. */
export function neighbour(layout: Layout, path: string, direction: Direction): PicturedNode | undefined {
	const from = layout.nodes.find(({ node }) => node.path === path);
	if (!from) return layout.nodes[0]?.node;
	const column = layout.nodes.filter(({ depth }) => depth === from.depth).sort((a, b) => a.y - b.y);
	const row = column.indexOf(from);
	switch (direction) {
		case 'parent':
			return from.parent?.node;
		case 'child':
			return from.node.children.find(({ golden }) => golden) ?? from.node.children[0];
		case 'above':
			return column[row - 1]?.node;
		case 'below':
			return column[row + 1]?.node;
		case 'first':
			return layout.nodes[0]?.node;
		case 'last':
			return layout.nodes.filter(({ node }) => node.golden).at(-1)?.node ?? layout.nodes.at(-1)?.node;
	}
}
