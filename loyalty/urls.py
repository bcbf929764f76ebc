"""Where members, their points and the program are reached."""

from __future__ import annotations

from django.urls import URLPattern, path

from core.api.urls import api_path
from loyalty.api import activities, adjustments, members, program
from loyalty.views import approvals as approval_views
from loyalty.views import forfeits as forfeit_views
from loyalty.views import handing as handing_views
from loyalty.views import households as household_views
from loyalty.views import imports as import_views
from loyalty.views import member as member_views
from loyalty.views import member_changes as change_views
from loyalty.views import members as members_views
from loyalty.views import merging as merge_views
from loyalty.views import noting as noting_views
from loyalty.views import program as program_views
from loyalty.views import rules as rule_views
from loyalty.views import settling as settling_views
from loyalty.views import trying as trying_views

api: list[URLPattern] = [
    api_path("members/", members.MembersView, "members"),
    api_path("members/find/", members.FindView, "members-find"),
    api_path("members/<uuid:member_id>/", members.MemberView, "member"),
    api_path("members/<uuid:member_id>/entries/", members.EntriesView, "member-entries"),
    api_path("adjustments/", adjustments.AdjustmentsView, "adjustments"),
    api_path("adjustments/<uuid:request_id>/", adjustments.AdjustmentView, "adjustment"),
    api_path(
        "adjustments/<uuid:request_id>/withdraw/",
        adjustments.WithdrawalView,
        "adjustment-withdraw",
    ),
    api_path("activities/", activities.ActivitiesView, "activities"),
    api_path("program/", program.ProgramView, "program"),
]

program_pages: list[URLPattern] = [
    path("<slug:slug>/program/", program_views.program, name="program"),
    path("<slug:slug>/program/terms/", program_views.program_terms, name="program_terms"),
    path("<slug:slug>/program/file/", program_views.program_file, name="program_file"),
    path("<slug:slug>/program/load/", program_views.load_file, name="load_program"),
    path(
        "<slug:slug>/program/states/<slug:program>/<slug:state>/",
        program_views.set_program_state,
        name="set_program_state",
    ),
    path("<slug:slug>/program/try/", trying_views.try_basket_page, name="try_basket"),
    path("<slug:slug>/program/rules/", rule_views.rules, name="rules"),
    path("<slug:slug>/program/rules/new/", rule_views.new_rule, name="new_rule"),
    path("<slug:slug>/program/rules/words/", rule_views.rule_words, name="rule_words"),
    path("<slug:slug>/program/rules/<uuid:rule>/", rule_views.rule, name="rule"),
    path("<slug:slug>/program/rules/<uuid:rule>/edit/", rule_views.edit_rule, name="edit_rule"),
    path(
        "<slug:slug>/program/rules/<uuid:rule>/<slug:state>/",
        rule_views.set_rule_state,
        name="set_rule_state",
    ),
]

import_pages: list[URLPattern] = [
    path("<slug:slug>/imports/", import_views.imports, name="imports"),
    path("<slug:slug>/imports/new/", import_views.new_import, name="new_import"),
    path("<slug:slug>/imports/balances/", import_views.new_balances, name="new_balances"),
    path("<slug:slug>/imports/files/<uuid:upload>/", import_views.upload, name="upload"),
    path(
        "<slug:slug>/imports/files/<uuid:upload>/<slug:action>/",
        import_views.act_on_upload,
        name="act_on_upload",
    ),
    path("<slug:slug>/imports/<uuid:receipt_import>/", import_views.receipt_import, name="import"),
    path(
        "<slug:slug>/imports/<uuid:receipt_import>/refused.csv",
        import_views.refused_rows,
        name="refused_rows",
    ),
]

approval_pages: list[URLPattern] = [
    path("<slug:slug>/approvals/", approval_views.approvals, name="approvals"),
    path("<slug:slug>/approvals/<uuid:asked>/", approval_views.approval, name="approval"),
    path(
        "<slug:slug>/approvals/<uuid:asked>/decline/",
        approval_views.decline,
        name="decline_adjustment",
    ),
    path(
        "<slug:slug>/approvals/<uuid:asked>/<slug:decision>/",
        approval_views.decide,
        name="decide_adjustment",
    ),
]

together_pages: list[URLPattern] = [
    path(
        "<slug:slug>/members/<uuid:member>/together/",
        household_views.member_together,
        name="member_together",
    ),
    path("<slug:slug>/members/<uuid:member>/merge/", merge_views.merge_member, name="merge_member"),
    path(
        "<slug:slug>/members/<uuid:member>/merges/<uuid:merge>/undo/",
        merge_views.unmerge_member,
        name="unmerge_member",
    ),
    path(
        "<slug:slug>/members/<uuid:member>/household/add/",
        household_views.join_household_of,
        name="join_household",
    ),
    path(
        "<slug:slug>/members/<uuid:member>/household/limit/",
        household_views.limit_member,
        name="limit_member",
    ),
    path(
        "<slug:slug>/members/<uuid:member>/household/leave/",
        household_views.leave_household_of,
        name="leave_household",
    ),
    path(
        "<slug:slug>/members/<uuid:member>/forfeit/",
        forfeit_views.forfeit_member,
        name="forfeit_member",
    ),
]

office: list[URLPattern] = [
    path("<slug:slug>/members/", members_views.members, name="members"),
    path("<slug:slug>/members/add/", members_views.add_member, name="add_member"),
    path("<slug:slug>/members/<uuid:member>/", member_views.profile, name="member"),
    path("<slug:slug>/members/<uuid:member>/ledger/", member_views.ledger, name="member_ledger"),
    path("<slug:slug>/members/<uuid:member>/details/", member_views.details, name="member_details"),
    path(
        "<slug:slug>/members/<uuid:member>/activities/",
        noting_views.member_activities,
        name="member_activities",
    ),
    path(
        "<slug:slug>/members/<uuid:member>/activities/note/",
        noting_views.note_activity,
        name="note_activity",
    ),
    path("<slug:slug>/members/<uuid:member>/edit/", change_views.edit, name="edit_member"),
    path("<slug:slug>/members/<uuid:member>/adjust/", change_views.adjust, name="adjust_member"),
    path("<slug:slug>/members/<uuid:member>/hand/", handing_views.hand_points, name="hand_points"),
    path("<slug:slug>/members/<uuid:member>/block/", change_views.block, name="block_member"),
    path("<slug:slug>/members/<uuid:member>/unblock/", change_views.unblock, name="unblock_member"),
    path("<slug:slug>/purchases/<uuid:purchase>/", member_views.purchase, name="purchase"),
    path("<slug:slug>/purchases/<uuid:purchase>/settle/", settling_views.settle, name="settle"),
    *approval_pages,
    *together_pages,
    *program_pages,
    *import_pages,
]
