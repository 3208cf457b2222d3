import type { DatasetFormat } from '../format.ts';
import { axolotlDpo } from './axolotl-dpo.ts';
import { axolotlKto } from './axolotl-kto.ts';
import { axolotlSft } from './axolotl-sft.ts';
import { hermesSft } from './hermes-sft.ts';
import { llamafactoryKto } from './llamafactory-kto.ts';
import { llamafactoryRanking } from './llamafactory-ranking.ts';
import { llamafactorySft } from './llamafactory-sft.ts';
import { openaiPreference } from './openai-preference.ts';
import { openaiSft } from './openai-sft.ts';
import { trlDpo } from './trl-dpo.ts';
import { trlKto } from './trl-kto.ts';
import { trlPromptCompletion } from './trl-prompt-completion.ts';
import { trlReward } from './trl-reward.ts';
import { trlSft } from './trl-sft.ts';

/** The three of TRL that hold all examples once; what is written where nothing else is asked for. */
export const plainFormats: readonly DatasetFormat[] = [trlSft, trlKto, trlDpo];

/** Every format by its id, in the order in which they are shown and written. */
export const datasetFormats: ReadonlyMap<string, DatasetFormat> = new Map(
	[
		...plainFormats,
		trlPromptCompletion,
		trlReward,
		openaiSft,
		openaiPreference,
		llamafactorySft,
		llamafactoryRanking,
		llamafactoryKto,
		axolotlSft,
		axolotlDpo,
		axolotlKto,
		hermesSft
	].map((format) => [format.id, format])
);
