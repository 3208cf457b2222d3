import { isModelFault } from '../talk/failure.ts';
import { isPruned, walk, type SearchTree } from '../search/tree.ts';

/**
 * The fault that kept a search from earning everything, if there was one: a branch that could still have earned something ended with it.
 * What an agent or a user did is not a fault.
 */
export function faultOf(tree: SearchTree): string | undefined {
	if (tree.left.length === 0) return undefined;
	if (tree.done?.reason === 'error') return tree.done.message;
	// Nobody said anything, whatever the reason: there was no conversation that could have gone wrong.
	const { turns, children, over: ending } = tree.top;
	if (turns === 0 && children.length === 0 && ending?.error !== undefined) return ending.error;
	for (const { path, over } of walk(tree.top)) {
		const error = over?.error;
		if (error !== undefined && isModelFault(error) && !isPruned(tree, path)) return error;
	}
	return undefined;
}
