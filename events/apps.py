"""Conferences and workshops: programme, registration and the waiting list."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Conferences and workshops: programme, registration and the waiting list."""

    name = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from events import audiences, mail, personal_data, receivers
        from events import next_steps as steps
        from mailing import attachments, categories
        from members import holdings, next_steps
        from members.personal_data import register

        receivers.connect()
        next_steps.register(steps.accepted_invitation)
        holdings.register(personal_data.held_in_words)
        attachments.register(mail.CALENDAR_FILE, mail.made_calendar_file)
        categories.register(
            mail.REMINDERS,
            label="Reminders before an event I am registered for",
            short="reminders before an event",
        )
        categories.register(
            mail.THANKS,
            label="Thanks and materials after an event I was at",
            short="thanks after an event",
        )
        categories.register(
            audiences.CATEGORY,
            label="Invitations to events",
            short="invitations to events",
        )
        attachments.register(mail.ENTRY_CODE, mail.made_entry_code)
        # Before the registrations: with them goes whose certificates these were.
        register(
            "certificates",
            collect=personal_data.collect_certificates,
            erase=personal_data.erase_certificates,
        )
        register(
            "attendance", collect=personal_data.collect_attendance, erase=personal_data.erase_guest_names
        )
        register(
            "registrations",
            collect=personal_data.collect_registrations,
            erase=personal_data.erase_registrations,
        )
        register(
            "invitations", collect=personal_data.collect_invitations, erase=personal_data.erase_invitations
        )
        register(
            "event_roles",
            collect=personal_data.collect_event_roles,
            erase=personal_data.erase_event_roles,
        )
        register("calendar", collect=personal_data.collect_calendar, erase=personal_data.erase_calendar)
