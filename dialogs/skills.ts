import { aboutSkill } from './aboutSkill';
import { createAnswerSkill } from './answerSkill';
import { codeSkill } from './codeSkill';
import { feedbackSkill } from './feedbackSkill';
import { forgetSkill } from './forgetSkill';
import { createHelpSkill } from './helpSkill';
import { imageSkill } from './imageSkill';
import { meetingSkill } from './meetingSkill';
import { myDataSkill } from './myDataSkill';
import { sentimentSkill } from './sentimentSkill';
import { settingsSkill } from './settingsSkill';
import type { Skill } from './skill';
import { speakSkill } from './speakSkill';
import { summarizeSkill } from './summarizeSkill';
import { translateSkill } from './translateSkill';
import { whySkill } from './whySkill';

/** To add a skill, add it here: help, commands, patterns, buttons and the model's tools follow. */
const listed: readonly Skill[] = [summarizeSkill, translateSkill, codeSkill, sentimentSkill, imageSkill, speakSkill, settingsSkill, whySkill, aboutSkill, myDataSkill, forgetSkill];

/** Answers free text; may hand over to the others. */
export const answerSkill: Skill = createAnswerSkill(listed);

/** In the order of the help. */
export const listedSkills: readonly Skill[] = [answerSkill, ...listed];

export const skills: readonly Skill[] = [...listedSkills, createHelpSkill(listedSkills), feedbackSkill, meetingSkill];
