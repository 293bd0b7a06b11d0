"""Stories told by several sources: read, checked, asked and scored. `python -m eval.stories FILE...` checks.

`train`, `dev` and `sealed` hold the stories; nobody is to read the sealed ones, or train on them.
"""

from eval.stories.figures import summarise_stories
from eval.stories.judgement import JudgedStoryQuestion
from eval.stories.reading import Fault, check_stories, read_stories, story_files
from eval.stories.records import Account, Relation, Story, StoryAnswer, StoryQuestion
from eval.stories.run import run_stories
from eval.stories.survey import summarise_survey, survey_stories

__all__ = [
    "Account",
    "Fault",
    "JudgedStoryQuestion",
    "Relation",
    "Story",
    "StoryAnswer",
    "StoryQuestion",
    "check_stories",
    "read_stories",
    "run_stories",
    "story_files",
    "summarise_stories",
    "summarise_survey",
    "survey_stories",
]
