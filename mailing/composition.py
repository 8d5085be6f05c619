"""From a row to its words and files: the template, or a person's wording, meets the values at delivery."""

import logging
from collections.abc import Mapping

from django.template import Context, Engine, TemplateDoesNotExist, TemplateSyntaxError

from mailing.attachments import Attachment, made
from mailing.letters import Letter, LetterFormatError, compose, plain_values
from mailing.models import OutgoingMail
from mailing.stopping import stop_url
from mailing.wordings import filled

logger = logging.getLogger(__name__)

NO_WORDS = Letter(subject="", text="", html="")
# What these errors say is about the template. Others may repeat a value, which is nobody's business.
_ABOUT_THE_TEMPLATE = (TemplateDoesNotExist, TemplateSyntaxError, LetterFormatError)


class CannotBeComposedError(ValueError):
    """The letter's template or one of its files fails: no later attempt would change that."""


def composed(letter: OutgoingMail) -> Letter:
    """The words of a letter: subject, text and HTML. Empty if they are erased.

    Raises CannotBeComposedError if its template is missing, does not start with a subject, or fails.
    """
    if letter.body_erased_at is not None:
        return NO_WORDS
    values = letter.values
    if letter.mailing is not None:
        values = {**letter.mailing.values, **values}
    try:
        if letter.wording is not None:
            rendered = worded(letter.wording.subject, letter.wording.text, values)
        else:
            rendered = _rendered(letter.kind, values)
        return compose(rendered, unsubscribe_url=stop_url(letter) or letter.unsubscribe_url)
    except Exception as error:
        raise _failure(f"The template {letter.kind}", error) from error


def worded(subject: str, text: str, values: Mapping[str, object]) -> str:
    """A person's wording with the values in place, in the form of a rendered template."""
    plain = plain_values(values)
    return f"Subject: {' '.join(filled(subject, plain).split())}\n\n{filled(text, plain)}"


def words_of(letter: OutgoingMail) -> Letter:
    """The words of a letter, to be shown: empty also if it cannot be composed."""
    try:
        return composed(letter)
    except CannotBeComposedError:
        logger.warning("Letter %s cannot be composed.", letter.pk)
        return NO_WORDS


def attached(letter: OutgoingMail) -> list[Attachment]:
    """The files of a letter. Raises CannotBeComposedError if one cannot be made."""
    try:
        return made(letter.attachments)
    except Exception as error:
        raise _failure("An attachment", error) from error


def _rendered(kind: str, values: Mapping[str, object]) -> str:
    # The values are escaped when the HTML part is made, not here: the same words are plain text too.
    template = Engine.get_default().get_template(f"{kind}.txt")
    return template.render(Context(plain_values(values), autoescape=False))


def _failure(what: str, error: Exception) -> CannotBeComposedError:
    reason = type(error).__name__
    if isinstance(error, _ABOUT_THE_TEMPLATE):
        reason += f": {error}"
    return CannotBeComposedError(f"{what} failed ({reason}).")
